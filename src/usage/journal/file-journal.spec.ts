import { randomUUID } from 'node:crypto';
import fs, { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { eventually } from '../../../test/support/eventually';
import { contentOf, JournalScene } from '../../../test/support/journal-scene';
import { ManualClock } from '../../../test/support/manual-clock';
import { aRecord, someRecords } from '../../../test/support/request-records';
import type { RequestRecord } from '../request-record';
import { FileJournal } from './file-journal';
import { readSegment } from './segment-reader';

const STEP_MS = 10;

describe(FileJournal, () => {
  let scene: JournalScene;

  beforeAll(() => {
    Logger.overrideLogger(false);
  });

  beforeEach(async () => {
    scene = await JournalScene.make();
  });

  afterEach(async () => {
    jest.restoreAllMocks();
    await scene.clean();
  });

  function recordAll(journal: FileJournal, records: readonly RequestRecord[]): void {
    for (const record of records) journal.record(record);
  }

  async function doneWithAll(journal: FileJournal): Promise<void> {
    for (const segment of await journal.list()) await journal.done(segment);
  }

  it('gives back what was recorded, in its order, in numbered segments', async () => {
    const journal = await scene.start();
    const records = someRecords(30);
    for (const record of records) {
      journal.record(record);
      await journal.close();
    }
    expect((await contentOf(journal)).records).toEqual(records);
    expect((await journal.list()).map(({ seq }) => seq)).toEqual(records.map((_, i) => i + 1));
  });

  it('has a record in its file before `record` returns', async () => {
    const journal = await scene.start();
    const record = aRecord();
    journal.record(record);
    const [folder = ''] = await scene.folders();
    const [file = ''] = (await readdir(join(scene.root, folder))).filter((name) => name.endsWith('.seg'));
    expect(file).toBe('000000000001.seg');
    expect((await readSegment(join(scene.root, folder, file))).records).toEqual([record]);
  });

  it('lets a segment grow until somebody closes it, and makes none of nothing', async () => {
    const journal = await scene.start();
    const records = someRecords(5);
    for (const record of records) {
      journal.record(record);
      await sleep(2 * STEP_MS);
    }
    expect(await journal.list()).toEqual([]);
    expect((await contentOf(journal)).records).toEqual(records);
    await journal.close();
    expect(await journal.list()).toHaveLength(1);
  });

  it('brings to the disk by itself what came since, and nothing twice', async () => {
    const synced = jest.spyOn(fs, 'fdatasync');
    const journal = await scene.start();
    for (const times of [1, 2]) {
      journal.record(aRecord());
      await eventually(() => {
        expect(synced).toHaveBeenCalledTimes(times);
      });
    }
    await sleep(10 * STEP_MS);
    await journal.close();
    await scene.stop(journal);
    expect(synced).toHaveBeenCalledTimes(2);
  });

  it('leaves no folder behind that it could not finish', async () => {
    const full = Object.assign(new Error(), { code: 'ENOSPC' });
    const write = jest.spyOn(fs, 'writeFileSync').mockImplementation(() => {
      throw full;
    });
    const journal = await scene.start();
    journal.record(aRecord());
    await eventually(() => {
      expect(write.mock.calls.length).toBeGreaterThan(5);
    });
    expect(await scene.folders()).toEqual([]);
    write.mockRestore();
    expect((await contentOf(journal)).records).toHaveLength(1);
  });

  it('removes folders that others never finished, but none that may be just made', async () => {
    const [old, young] = [`${randomUUID()}.draft`, `${randomUUID()}.draft`];
    for (const name of [old, young]) await mkdir(join(scene.root, name), { recursive: true });
    const anHourAgo = new Date(Date.now() - 3_600_000);
    await utimes(join(scene.root, old), anHourAgo, anHourAgo);
    await scene.start();
    expect(await scene.folders()).toEqual([young]);
  });

  it('closes a segment that has 4 MiB', async () => {
    const journal = await scene.start();
    recordAll(journal, someRecords(6, { modelAsked: 'x'.repeat(1024 * 1024) }));
    expect(await journal.list()).toHaveLength(1);
  });

  it('leaves nothing behind when all of it is done', async () => {
    const journal = await scene.start();
    recordAll(journal, someRecords(3));
    await journal.close();
    await doneWithAll(journal);
    expect(await journal.list()).toEqual([]);
    await scene.stop(journal);
    expect(await scene.folders()).toEqual([]);
  });

  it('takes over what another one has left, under its name, also what that one had taken over', async () => {
    const records = someRecords(3);
    const instances = new Set<string>();
    for (const record of records) {
      const journal = await scene.start();
      journal.record(record);
      await journal.close();
      for (const { instance } of await journal.list()) instances.add(instance);
      await scene.stop(journal);
      expect(await scene.folders()).toHaveLength(1);
    }
    const last = await scene.start();
    const found = (await contentOf(last)).records.map(({ requestId }) => requestId);
    expect([...found].sort()).toEqual(records.map(({ requestId }) => requestId).sort());
    expect(new Set((await last.list()).map(({ instance }) => instance))).toEqual(instances);
    expect(instances.size).toBe(3);
    await doneWithAll(last);
    await scene.stop(last);
    expect(await scene.folders()).toEqual([]);
  });

  it('never takes over from one that lives', async () => {
    const [one, other] = [await scene.start(), await scene.start()];
    recordAll(one, someRecords(2));
    recordAll(other, someRecords(3));
    const third = await scene.start();
    expect((await contentOf(one)).records).toHaveLength(2);
    expect((await contentOf(other)).records).toHaveLength(3);
    expect((await contentOf(third)).records).toEqual([]);
  });

  it('takes over from another machine only when its heart has not beaten for a minute', async () => {
    const instance = randomUUID();
    const left = await scene.start();
    left.record(aRecord());
    await scene.stop(left);
    const [name = ''] = await scene.folders();
    await rename(join(scene.root, name), join(scene.root, instance));
    const owner = { pid: process.pid, startTicks: 1, bootId: 'b', pidNamespace: 'p', hostname: 'elsewhere' };
    await writeFile(join(scene.root, instance, 'owner.json'), JSON.stringify(owner));
    const clock = new ManualClock();
    const journal = await scene.start({ clock });
    clock.advance(59_000);
    await eventually(async () => {
      expect(await journal.list()).toEqual([]);
    });
    expect(await scene.folders()).toContain(instance);
    clock.advance(11_000);
    await eventually(async () => {
      expect((await journal.list()).map((segment) => segment.instance)).toEqual([instance]);
    });
  });

  it('reads a segment that was torn up to the tear', async () => {
    const journal = await scene.start();
    const records = someRecords(2);
    recordAll(journal, records);
    await journal.close();
    await scene.stop(journal);
    const [name = ''] = await scene.folders();
    const path = join(scene.root, name, '000000000001.seg');
    await truncate(path, (await stat(path)).size - 1);
    expect((await contentOf(await scene.start())).records).toEqual(records.slice(0, 1));
  });

  it('goes on in another folder when its own is deleted, and calls nothing empty that is gone', async () => {
    const journal = await scene.start();
    journal.record(aRecord());
    await journal.close();
    const [segment] = await journal.list();
    await rm(scene.root, { recursive: true });
    await expect(segment?.read()).rejects.toThrow();
    expect(await journal.list()).toEqual([]);
    const record = aRecord();
    journal.record(record);
    const { records } = await contentOf(journal);
    expect(records).toEqual([record]);
    expect((await journal.list())[0]?.instance).not.toBe(segment?.instance);
  });

  it('makes no folder before there is something to keep', async () => {
    await scene.stop(await scene.start());
    expect(existsSync(scene.root)).toBe(false);
  });
});
