import { eventually } from '../support/eventually';
import { replies } from '../support/fake-upstream-replies';
import { someKeys } from '../support/keys';
import { errorOf, type RelayClient } from '../support/relay-client';
import { RelayScene } from '../support/relay-scene';

describe('a program with as many requests in hand as it may have', () => {
  let scene: RelayScene;
  let relay: RelayClient;
  let streams: Response[];

  beforeAll(async () => {
    scene = await RelayScene.start({ RELAY_MAX_IN_FLIGHT: '3' });
    ({ relay } = await scene.serve({ keys: someKeys(5) }));
  });

  beforeEach(async () => {
    scene.upstream.reset();
    scene.upstream.answer(replies.hangMidStream(['one ']));
    streams = [await relay.openStream(), await relay.openStream(), await relay.openStream()];
    scene.upstream.answer(replies.normal());
  });

  afterEach(async () => {
    for (const stream of streams) await stream.body?.cancel();
    await eventually(async () => {
      expect((await relay.chat()).status).toBe(200);
    });
  });

  afterAll(() => scene.stop());

  it('refuses another one, and asks for it again shortly', async () => {
    const answer = await relay.chat();
    expect([answer.status, errorOf(answer)]).toMatchObject([503, { code: 'overloaded', type: 'api_error' }]);
    expect(answer.headers.get('retry-after')).toBe('1');
    expect(answer.headers.get('x-should-retry')).toBe('true');
    expect(answer.headers.get('x-request-id')).toMatch(/^[\w-]{36}$/);
    expect(scene.upstream.ledger).toHaveLength(3);
  });

  it('still answers for its health and to its admin', async () => {
    expect((await fetch(`${scene.app.baseUrl}/livez`)).status).toBe(200);
    expect((await fetch(`${scene.app.baseUrl}/readyz`)).status).toBe(200);
    expect((await scene.app.admin.get('/api/channel')).status).toBe(200);
  });

  it('serves again once one has ended', async () => {
    await streams.pop()?.body?.cancel();
    await eventually(async () => {
      expect((await relay.chat()).status).toBe(200);
    });
    expect((await relay.chat()).status).toBe(200);
  });
});
