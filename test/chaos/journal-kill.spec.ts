import { readdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { CuttableDatabase } from '../support/churn-database';
import { eventually } from '../support/eventually';
import { seededDraw } from '../support/health-client-faults';
import type { Program } from '../support/program';
import { TracedScene } from '../support/traced-scene';

const ROUNDS = Number(process.env['JOURNAL_KILL_ROUNDS'] ?? 12);
const SEED = Number(process.env['JOURNAL_KILL_SEED'] ?? Date.now() % 1_000_000);
const LONG_MS = 300_000 + ROUNDS * 60_000;

const CALLERS = 32;
const LONGEST_LIFE_MS = 1_500;
const LONGEST_START_MS = 2_500;
/** Now and then a program is killed while it starts. */
const BETWEEN_STILLBIRTHS = 4;
/** How often the journal's segments are closed and flushed. */
const FLUSHES = ['10ms', '100ms', '500ms'];

describe(`kill -9 under load (seed ${SEED})`, () => {
  const draw = seededDraw(SEED);
  let scene: TracedScene;

  beforeEach(async () => {
    scene = await TracedScene.open(await CuttableDatabase.start());
  });

  afterEach(() => scene.close(), LONG_MS);

  const say = (what: string, totals: object): void => {
    process.stdout.write(`${what}, seed ${SEED}: ${JSON.stringify(totals)}\n`);
  };

  async function liveAndDie(round: number): Promise<void> {
    const environment = { KEY_USAGE_FLUSH: FLUSHES[round % FLUSHES.length] ?? '' };
    if (round % BETWEEN_STILLBIRTHS === 1) {
      const stillborn = await scene.launch(environment);
      await sleep(draw() * LONGEST_START_MS);
      await stillborn.end('SIGKILL');
    }
    const program = await scene.start(environment);
    await scene.caughtUp();
    await scene.audit.expectSound();
    const finish = scene.load.start(scene.relayOf(program), CALLERS);
    await sleep(draw() * LONGEST_LIFE_MS);
    await program.end('SIGKILL');
    await finish();
  }

  it(
    'loses no answered request, makes up none and counts none twice, in any round',
    async () => {
      for (let round = 1; round <= ROUNDS; round++) await liveAndDie(round);
      const program = await scene.start();
      await scene.caughtUp();
      const totals = await scene.audit.expectSound();
      say(`${ROUNDS} rounds`, totals);
      expect(totals.delivered).toBeGreaterThan(ROUNDS);
      expect(scene.load.refusals).toEqual([]);
      expect(await program.end('SIGTERM')).toBe(0);
      expect(await readdir(scene.journal)).toEqual([]);
      await scene.expectNoCanary();
    },
    LONG_MS,
  );

  it(
    'mixes nothing where two processes have one journal folder, and the one takes over what the other leaves',
    async () => {
      const start = (): Promise<Program> => scene.start({ KEY_USAGE_FLUSH: '100ms' });
      const survivor = await start();
      const finish = scene.load.start(scene.relayOf(survivor), CALLERS / 2);
      for (let life = 0; life < 3; life++) {
        const neighbour = await start();
        const finishBeside = scene.load.start(scene.relayOf(neighbour), CALLERS / 2);
        await sleep(500 + draw() * LONGEST_LIFE_MS);
        await neighbour.end('SIGKILL');
        await finishBeside();
      }
      // Under load until all that the dead have left is taken over: nobody starts who would do it.
      await eventually(async () => {
        expect(await readdir(scene.journal)).toHaveLength(1);
      });
      await finish();
      await scene.caughtUp();
      say('two processes', await scene.audit.expectSound());
      expect(scene.load.refusals).toEqual([]);
      expect(await survivor.end('SIGTERM')).toBe(0);
      await scene.expectNoCanary();
    },
    LONG_MS,
  );
});
