import { CuttableDatabase } from '../support/churn-database';
import { RelayClient } from '../support/relay-client';
import { TracedScene } from '../support/traced-scene';

const LONG_MS = 120_000;
const BUDGET = 10;
const SPENT = 6;
/** So long that the first process flushes nothing. */
const NEVER = { KEY_USAGE_FLUSH: '5s' };

describe('the budget of a token', () => {
  let scene: TracedScene;

  beforeAll(async () => {
    scene = await TracedScene.open(await CuttableDatabase.start());
  });

  afterAll(() => scene.close(), LONG_MS);

  async function statuses(relay: RelayClient, count: number): Promise<number[]> {
    return (await Promise.all(Array.from({ length: count }, () => relay.chat()))).map(({ status }) => status).sort();
  }

  it(
    'is not given again by kill -9',
    async () => {
      const first = await scene.start(NEVER);
      const admin = await first.admin();
      const { data } = await admin.post<{ key: string }>('/api/token', { name: 'a client', max_requests: BUDGET });
      expect(await statuses(new RelayClient(first.baseUrl, data.key), SPENT)).toEqual(Array(SPENT).fill(200));
      await first.end('SIGKILL');
      const second = await scene.start(NEVER);
      const found = await statuses(new RelayClient(second.baseUrl, data.key), BUDGET);
      expect(found.filter((status) => status === 200)).toHaveLength(BUDGET - SPENT);
    },
    LONG_MS,
  );
});
