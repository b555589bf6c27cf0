import { setTimeout as sleep } from 'node:timers/promises';
import { CuttableDatabase } from '../support/churn-database';
import { runSql } from '../support/database-rows';
import { eventually } from '../support/eventually';
import { StoppableDatabase } from '../support/stoppable-database';
import { TracedScene } from '../support/traced-scene';

const AWAY_MS = 1_000 * Number(process.env['DATABASE_AWAY_SECONDS'] ?? 10);
const LOST_COMMITS = Number(process.env['LOST_COMMITS'] ?? 12);
const LONG_MS = 300_000 + 2 * AWAY_MS + LOST_COMMITS * 10_000;

const CALLERS = 32;
const BEFORE_AND_AFTER_MS = 1_000;
const LONGEST_CUT_MS = 300;

describe('requests of which the database hears', () => {
  let scene: TracedScene;

  afterEach(() => scene.close(), LONG_MS);

  const say = (what: string, totals: object): void => {
    process.stdout.write(`${what}: ${JSON.stringify(totals)}\n`);
  };

  async function open<Database extends CuttableDatabase | StoppableDatabase>(database: Database): Promise<Database> {
    scene = await TracedScene.open(database);
    return database;
  }

  function expectAllServed(): void {
    expect({ refusals: scene.load.refusals, broken: scene.load.broken }).toEqual({ refusals: [], broken: 0 });
  }

  /** Once after a commit and once at any moment; goes on when batches are taken again. */
  async function breakLine(database: CuttableDatabase): Promise<void> {
    database.loseNextCommit();
    await eventually(() => {
      expect(database.hasLostCommit).toBe(true);
    });
    await sleep(Math.random() * LONGEST_CUT_MS);
    database.cut();
    await sleep(Math.random() * LONGEST_CUT_MS);
    database.mend();
    const batches = (): Promise<unknown> => runSql(database.connection, 'SELECT count(*) FROM usage_batches');
    const before = await batches();
    await eventually(async () => {
      expect(await batches()).not.toEqual(before);
    });
  }

  it(
    'only when it is back are served all the same, and all in it soon after',
    async () => {
      const database = await open(await StoppableDatabase.start());
      const program = await scene.start();
      const finish = scene.load.start(scene.relayOf(program), CALLERS);
      await sleep(BEFORE_AND_AFTER_MS);
      await database.shutDown();
      await sleep(AWAY_MS);
      await eventually(async () => {
        expect((await scene.segments()).length).toBeGreaterThan(1);
      });
      await database.startAgain();
      await sleep(BEFORE_AND_AFTER_MS);
      await finish();
      const caughtUpMs = Math.round(await scene.caughtUp());
      say(`away for ${AWAY_MS} ms`, { ...(await scene.audit.expectComplete()), caughtUpMs });
      expectAllServed();
      await scene.expectNoCanary();
    },
    LONG_MS,
  );

  it(
    'only from the next process, because theirs was killed meanwhile, are all in it too',
    async () => {
      const database = await open(await StoppableDatabase.start());
      const program = await scene.start();
      const finish = scene.load.start(scene.relayOf(program), CALLERS);
      await sleep(BEFORE_AND_AFTER_MS);
      await database.shutDown();
      await sleep(AWAY_MS / 2);
      await program.end('SIGKILL');
      await finish();
      expect(scene.load.refusals).toEqual([]);
      const next = await scene.launch();
      await eventually(() => {
        expect(next.output).toContain('PostgreSQL (DATABASE_URL) is not there');
      });
      await database.startAgain();
      await next.ready();
      const caughtUpMs = Math.round(await scene.caughtUp());
      say('killed meanwhile', { ...(await scene.audit.expectSound()), caughtUpMs });
      await scene.expectNoCanary();
    },
    LONG_MS,
  );

  it(
    'though the program does not hear that it has, or whose connections break, are counted once',
    async () => {
      const database = await open(await CuttableDatabase.start());
      const program = await scene.start({ KEY_USAGE_FLUSH: '20ms' });
      const finish = scene.load.start(scene.relayOf(program), CALLERS);
      for (let i = 0; i < LOST_COMMITS; i++) await breakLine(database);
      await finish();
      await scene.caughtUp();
      say(`${LOST_COMMITS} acknowledgements lost`, await scene.audit.expectComplete());
      expectAllServed();
    },
    LONG_MS,
  );
});
