import { eventually } from '../support/eventually';
import { replies } from '../support/fake-upstream-replies';
import { someKeys } from '../support/keys';
import { RelayScene } from '../support/relay-scene';

interface LoggedRequest {
  readonly request_id: string;
  readonly key_id: number;
}

describe('a relayed request', () => {
  let scene: RelayScene;

  beforeAll(async () => {
    scene = await RelayScene.start();
  });

  afterAll(() => scene.stop());

  it('is found in the log with every key that was tried, and in the statistics of those keys', async () => {
    const keys = someKeys(2);
    const { relay, channelIds } = await scene.serve({ keys, model_mapping: { 'gpt-4o': 'gpt-4o-mini' } });
    const [channel_id = 0] = channelIds;
    const [first, second] = await scene.app.admin.listKeys(channel_id);
    scene.upstream.answerKey(keys[0] ?? '', replies.status(429));
    const answer = await relay.chat({ model: 'gpt-4o', stream: true });
    expect(answer.status).toBe(200);

    await eventually(async () => {
      const { data } = await scene.app.admin.get<{ items: LoggedRequest[] }>(`/api/log?channel_id=${channel_id}`);
      expect(data.items).toMatchObject([
        {
          request_id: answer.headers.get('x-request-id'),
          token_name: 'a client',
          channel_id,
          key_id: second?.key_id,
          key_index: 1,
          key: second?.key,
          model: 'gpt-4o',
          model_sent: 'gpt-4o-mini',
          path: '/v1/chat/completions',
          stream: true,
          status: 200,
          end_reason: 'done',
          attempts: [
            { channel_id, key_id: first?.key_id, key_index: 0, status: 429, verdict: 'KEY_RATE' },
            { channel_id, key_id: second?.key_id, key_index: 1, status: 200, verdict: null },
          ],
        },
      ]);
    });
    const stats = await scene.app.admin.get(`/api/stats?group_by=key&order_by=rate_limited&channel_id=${channel_id}`);
    expect(stats.data['items']).toMatchObject([
      { key_id: first?.key_id, key: first?.key, requests: 0, attempts: 1, ok: 0, rate_limited: 1 },
      { key_id: second?.key_id, key: second?.key, requests: 1, attempts: 1, ok: 1, rate_limited: 0 },
    ]);
  });
});
