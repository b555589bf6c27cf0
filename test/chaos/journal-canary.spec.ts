import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CANARY_ANSWER, CANARY_PROMPT, expectNoCanary, expectNoCanaryBelow } from '../support/canary';
import { dumpRows } from '../support/database-rows';
import { type Answer, replies } from '../support/fake-upstream-replies';
import type { Program } from '../support/program';
import { StoppableDatabase } from '../support/stoppable-database';
import { TracedScene } from '../support/traced-scene';

const LONG_MS = 300_000;
const CALLERS = 8;
const LOAD_MS = 1_000;

const ANYTHING_ELSE = `${CANARY_PROMPT} ${CANARY_ANSWER}`;

/** Says in its failure whatever it knows: the key, and what it was asked and about to say. */
function quoting(answer: (quote: string) => Answer, rest = ANYTHING_ELSE): Answer {
  return (exchange) => answer(`${exchange.entry.key ?? ''} ${rest}`)(exchange);
}

function json(status: number): Answer {
  return quoting((quote) => replies.json(status, { error: { message: quote, type: quote, code: quote } }));
}

const TALKATIVE_FAILURES: readonly Answer[] = [
  // What an upstream says of a key is kept with the key, for its owner to read.
  ...[401, 403].map((status) => quoting((message) => replies.status(status, { message }), 'is not good')),
  ...[400, 404, 429, 500].map((status) => quoting((message) => replies.status(status, { message }))),
  ...[200, 500].map(json),
  quoting((quote) => (exchange) => {
    exchange.send(502, quote, { 'content-type': 'text/html', 'x-quote': quote });
  }),
  quoting((quote) => replies.events([`data: ${JSON.stringify({ error: { message: quote, code: quote } })}\n\n`])),
  quoting((quote) => replies.truncated(quote)),
];

describe('prompts, answers and keys', () => {
  let scene: TracedScene;
  let database: StoppableDatabase;

  beforeAll(async () => {
    database = await StoppableDatabase.start();
    scene = await TracedScene.open(database);
  }, LONG_MS);

  afterAll(() => scene.close(), LONG_MS);

  async function loadFor(program: Program, whileItRuns: () => Promise<unknown>): Promise<void> {
    const finish = scene.load.start(scene.relayOf(program), CALLERS);
    await sleep(LOAD_MS);
    await whileItRuns();
    await finish();
  }

  it(
    'are in no file, no table and nothing that is said, whatever fails',
    async () => {
      const first = await scene.start();
      scene.upstream.answerNext(...TALKATIVE_FAILURES);
      await loadFor(first, async () => {
        await database.shutDown();
        await sleep(LOAD_MS);
        await first.end('SIGKILL');
      });
      const segments = await scene.segments();
      const journal = await Promise.all(segments.map((path) => readFile(join(scene.journal, path), 'latin1')));
      expect(journal.join()).toContain([...scene.load.delivered].at(-1));
      await expectNoCanaryBelow(scene.dataDir);

      await database.startAgain();
      const second = await scene.start();
      await scene.caughtUp();
      const rows = await dumpRows(database.connection);
      expect(rows).toContain([...scene.load.delivered].at(-1));
      const admin = await second.admin();
      for (const path of ['/api/log', '/api/stats?group_by=key', '/api/channel']) {
        expectNoCanary(JSON.stringify(await admin.get(path)), path);
      }
      expect(await second.end('SIGTERM')).toBe(0);
      await scene.expectNoCanary();
      // Its tables, indexes, log and write-ahead log.
      await database.shutDown();
      expect(await expectNoCanaryBelow(database.folder)).toBeGreaterThan(100);
    },
    LONG_MS,
  );
});
