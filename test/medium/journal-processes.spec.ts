import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FileJournal } from '../../src/usage/journal/file-journal';
import { eventually } from '../support/eventually';
import { contentOf, JournalScene } from '../support/journal-scene';

const CHILD = require.resolve('../support/journal-child');
const NODE = [process.execPath, '-r', 'ts-node/register/transpile-only', CHILD];
const LONGEST_LIFE_MS = 1_500;

/** A process that records, and what it has said it had recorded. */
class Recorder {
  private readonly closed: Promise<unknown>;

  private constructor(
    readonly name: string,
    private readonly child: ChildProcess,
    private readonly file: string,
  ) {
    this.closed = once(child, 'close');
  }

  static start(dataDir: string, name: string, command: readonly string[] = NODE, count = Infinity): Recorder {
    const [program = '', ...given] = command;
    const child = spawn(program, [...given, dataDir, name, String(count)], { stdio: 'inherit' });
    return new Recorder(name, child, join(dataDir, name));
  }

  get ids(): string[] {
    return existsSync(this.file) ? readFileSync(this.file, 'utf8').split('\n').slice(0, -1) : [];
  }

  started(): Promise<void> {
    return eventually(() => {
      expect(this.ids.length).toBeGreaterThan(0);
    });
  }

  ended(): Promise<unknown> {
    return this.closed;
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.closed;
  }
}

describe('processes with one journal folder', () => {
  let scene: JournalScene;
  let recorders: Recorder[];

  beforeEach(async () => {
    scene = await JournalScene.make();
    recorders = [];
  });

  afterEach(async () => {
    for (const recorder of recorders) await recorder.kill();
    await scene.clean();
  });

  function start(name: string, command?: readonly string[], count?: number): Recorder {
    const recorder = Recorder.start(scene.dataDir, name, command, count);
    recorders.push(recorder);
    return recorder;
  }

  async function takeAll(journal: FileJournal): Promise<string[]> {
    const { records } = await contentOf(journal);
    for (const segment of await journal.list()) await journal.done(segment);
    return records.map(({ requestId }) => requestId);
  }

  it('lose nothing and mix nothing when they are killed one after the other', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) start(name);
    await Promise.all(recorders.map((recorder) => recorder.started()));
    const survivors = recorders.slice(4);
    await Promise.all(
      recorders.slice(0, 4).map(async (recorder) => {
        await sleep(Math.random() * LONGEST_LIFE_MS);
        await recorder.kill();
      }),
    );
    // Takes over from the dead, beside two that live.
    const journal = await scene.start();
    const early = await takeAll(journal);
    for (const survivor of survivors) {
      expect(early.filter((id) => id.startsWith(survivor.name))).toEqual([]);
    }
    for (const survivor of survivors) await survivor.kill();
    await scene.stop(journal);
    const found = [...early, ...(await takeAll(await scene.start()))];

    expect(new Set(found).size).toBe(found.length);
    for (const recorder of recorders) {
      const own = found.filter((id) => id.startsWith(recorder.name));
      const said = recorder.ids;
      // What it had recorded and did not come to say is one record at most.
      expect(said.length).toBeGreaterThan(0);
      expect(own.slice(0, said.length)).toEqual(said);
      expect(own.length - said.length).toBeLessThanOrEqual(1);
    }
  });

  it('write each record once, however often a file takes only a part of it', async () => {
    const count = 3_000;
    // No file of this process may have more than 64 blocks of 512 or 1,024 bytes.
    const recorder = start('a', ['sh', '-c', 'ulimit -f 64; exec "$@"', 'sh', ...NODE], count);
    await recorder.ended();
    expect(recorder.ids).toHaveLength(count);
    const journal = await scene.start();
    const found = await takeAll(journal);
    expect(found).toHaveLength(count);
    expect([...found].sort()).toEqual([...recorder.ids].sort());
    await scene.stop(journal);
    expect(await readdir(scene.root)).toEqual([]);
  });
});
