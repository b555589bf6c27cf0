import { execFile } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { CuttableDatabase } from '../support/churn-database';
import { eventually } from '../support/eventually';
import type { Program } from '../support/program';
import { TracedScene } from '../support/traced-scene';
import { WebhookReceiver } from '../support/webhook-receiver';

const LONG_MS = 300_000;
const CALLERS = 16;
const CALLERS_AT_ONCE = 200;
const WHILE_MS = 1_000;

/** From now on none of its files grows beyond this; pipes and sockets are no files. */
async function limitFiles(program: Program, bytes: '0' | 'unlimited'): Promise<void> {
  await promisify(execFile)('prlimit', ['--pid', String(program.pid), `--fsize=${bytes}:unlimited`]);
}

describe('requests while the journal cannot be written', () => {
  let scene: TracedScene;
  let receiver: WebhookReceiver;

  beforeEach(async () => {
    receiver = await WebhookReceiver.start();
    scene = await TracedScene.open(await CuttableDatabase.start());
  });

  afterEach(async () => {
    await scene.close();
    await receiver.stop();
  }, LONG_MS);

  function start(): Promise<Program> {
    return scene.start({ KEY_USAGE_FLUSH: '50ms', ALERT_WEBHOOK_URL: receiver.origin });
  }

  async function expectAllRecorded(): Promise<void> {
    await eventually(() => {
      expect(receiver.received.map(({ headers }) => headers['x-keymux-event'])).toEqual([
        'journal.failing',
        'journal.recovered',
      ]);
    });
    await scene.caughtUp();
    await scene.audit.expectComplete();
    expect({ refusals: scene.load.refusals, broken: scene.load.broken }).toEqual({ refusals: [], broken: 0 });
    await scene.expectNoCanary();
  }

  it(
    'are served, 200 of them at once, and recorded when the disk takes something again',
    async () => {
      const program = await start();
      const relay = scene.relayOf(program);
      const finish = scene.load.start(relay, CALLERS);
      await sleep(WHILE_MS);
      await limitFiles(program, '0');
      await scene.load.callOnce(relay, CALLERS_AT_ONCE);
      await sleep(WHILE_MS);
      expect(program.output.match(/The journal cannot be written \(EFBIG\)/g)).toHaveLength(1);
      await limitFiles(program, 'unlimited');
      await sleep(WHILE_MS);
      await finish();
      await expectAllRecorded();
    },
    LONG_MS,
  );

  it(
    'are served from the start where something else has the place of its folder, and recorded when that is gone',
    async () => {
      await mkdir(scene.dataDir);
      await writeFile(scene.journal, 'in the way');
      const program = await start();
      await scene.load.callOnce(scene.relayOf(program), CALLERS);
      await rm(scene.journal);
      await expectAllRecorded();
    },
    LONG_MS,
  );
});
