import { eventually } from '../support/eventually';
import { replies } from '../support/fake-upstream-replies';
import { someKeys } from '../support/keys';
import { RelayScene } from '../support/relay-scene';
import { WebhookReceiver } from '../support/webhook-receiver';

describe('alerts', () => {
  let receiver: WebhookReceiver;
  let scene: RelayScene;

  beforeAll(async () => {
    receiver = await WebhookReceiver.start();
    scene = await RelayScene.start({
      ALERT_WEBHOOK_URL: `${receiver.origin}/hook`,
      ALERT_WEBHOOK_SECRET: 'a secret for signatures',
      KEY_PROBE_SUSPECT_MS: '10',
      KEY_PROBE_DEAD_MS: '3000',
      KEY_BREAKER_OPEN_MS: '1000',
    });
  });

  afterAll(async () => {
    await scene.stop();
    await receiver.stop();
  });

  function eventsOf(channelId: number | undefined): string[] {
    return receiver.received
      .map(({ body }) => JSON.parse(body) as Alert)
      .flatMap(({ event, channel_id }) => (channel_id === channelId ? [event] : []));
  }

  it('tell once that a channel has no key left, and once that it has', async () => {
    const [key = ''] = someKeys(1);
    const { relay, channelIds } = await scene.serve({ keys: [key] });
    scene.upstream.killKey(key);
    await relay.chat();
    await eventually(() => {
      expect(eventsOf(channelIds[0])).toContain('channel.down');
    });
    scene.upstream.reviveKey(key);
    await eventually(() => {
      expect(eventsOf(channelIds[0]).sort()).toEqual([
        'channel.down',
        'channel.recovered',
        'pool.low',
        'pool.recovered',
      ]);
    });
  });

  it('tell of a wave of keys that fail alike, with nothing of a key in it', async () => {
    const keys = someKeys(8);
    const { relay, channelIds } = await scene.serve({ keys });
    scene.upstream.answer(replies.status(401));
    for (let request = 0; request < 3; request++) await relay.chat();
    await eventually(() => {
      expect(eventsOf(channelIds[0])).toEqual(expect.arrayContaining(['channel.down', 'keys.wave']));
    });
    scene.upstream.reset();
    await eventually(() => {
      expect(eventsOf(channelIds[0])).toContain('channel.recovered');
    });
    const sent = receiver.received.map(({ body }) => body).join();
    for (const key of keys) expect(sent).not.toContain(key);
  });
});

interface Alert {
  readonly event: string;
  readonly channel_id: number;
}
