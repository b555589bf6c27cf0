import { createHmac } from 'node:crypto';
import dns from 'node:dns';
import { HttpService } from '@nestjs/axios';
import { Logger } from '@nestjs/common';
import { SystemClock } from '../../src/common/clock';
import type { AppConfig } from '../../src/config/app-config';
import { UpstreamAllow } from '../../src/config/upstream-allow';
import type { Alert, AlertBody } from '../../src/health/alerts/alert';
import { AlertSender } from '../../src/health/alerts/alert-sender';
import { eventually } from '../support/eventually';
import { type ReceivedHook, WebhookReceiver } from '../support/webhook-receiver';

const SECRET = 'a secret that signs alerts';
const SECRET_PATH = '/services/T000/hidden-in-path?token=hidden-in-query';
const UUID = /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[\da-f]{4}-[\da-f]{12}$/;

type LookedUp = (error: null, addresses: { address: string; family: number }[]) => void;

/** Does not wait as long between tries. */
class HastySender extends AlertSender {
  protected override readonly pausesMs = [10, 10];
}

describe(AlertSender, () => {
  let receiver: WebhookReceiver;
  let senders: AlertSender[];
  let log: string[];

  beforeEach(async () => {
    receiver = await WebhookReceiver.start();
    senders = [];
    log = [];
    for (const level of ['log', 'warn', 'error'] as const) {
      jest.spyOn(Logger.prototype, level).mockImplementation((...said: unknown[]) => {
        log.push(`${level}: ${String(said[0])}`);
      });
    }
  });

  afterEach(async () => {
    await receiver.stop();
    await Promise.all(senders.map((sender) => sender.onApplicationShutdown()));
    jest.restoreAllMocks();
  });

  function aSender(
    settings: Partial<AppConfig> = {},
    allow = '127.0.0.1',
    Sender: typeof AlertSender = HastySender,
  ): AlertSender {
    const config = {
      alertWebhookUrl: receiver.origin + SECRET_PATH,
      alertWebhookSecret: SECRET,
      upstreamAllow: UpstreamAllow.parse(allow),
      ...settings,
    } as AppConfig;
    const sender = new Sender(new HttpService(), config, new SystemClock());
    sender.onModuleInit();
    senders.push(sender);
    return sender;
  }

  const anAlert = (fields: Partial<Alert> = {}): Alert => ({
    event: 'channel.down',
    channelId: 3,
    channelName: 'GPT-4 päol',
    reason: { kind: 'CHANNEL', code: 'http_503' },
    counts: { usable: 0, total: 10, died: 0 },
    at: new Date('2026-01-01T00:00:00.500Z'),
    ...fields,
  });

  const bodyOf = ({ body }: ReceivedHook): AlertBody => JSON.parse(body) as AlertBody;

  const received = (count: number): Promise<void> =>
    eventually(() => {
      expect(receiver.received).toHaveLength(count);
    });

  const logged = (...lines: unknown[]): Promise<void> =>
    eventually(() => {
      expect(log).toEqual(lines);
    });

  function expectSigned({ headers, body }: ReceivedHook): void {
    const timestamp = String(headers['x-keymux-timestamp']);
    expect(Math.abs(Date.now() / 1000 - Number(timestamp))).toBeLessThan(600);
    const digest = createHmac('sha256', SECRET).update(`${timestamp}.${body}`).digest('hex');
    expect(headers['x-keymux-signature']).toBe(`sha256=${digest}`);
  }

  it('posts an alert as documented, signed', async () => {
    aSender().send(anAlert());
    await received(1);
    const [hook] = receiver.received as [ReceivedHook];
    expect(hook).toMatchObject({ method: 'POST', path: SECRET_PATH });
    expect(bodyOf(hook)).toEqual({
      id: expect.stringMatching(UUID) as string,
      event: 'channel.down',
      created_at: 1_767_225_600,
      channel_id: 3,
      channel_name: 'GPT-4 päol',
      reason: { kind: 'CHANNEL', code: 'http_503' },
      counts: { usable: 0, total: 10, died: 0 },
    });
    expect(hook.headers).toMatchObject({
      'content-type': 'application/json',
      'user-agent': 'keymux',
      'x-keymux-event': 'channel.down',
      'x-keymux-delivery': bodyOf(hook).id,
    });
    expectSigned(hook);
    expect(log).toEqual([]);
  });

  it('sends no signature without a secret, and says so at the start', async () => {
    aSender({ alertWebhookSecret: null }).send(anAlert());
    await received(1);
    expect(receiver.received[0]?.headers).not.toHaveProperty('x-keymux-signature');
    expect(log).toEqual([expect.stringContaining('ALERT_WEBHOOK_SECRET')]);
  });

  it('sends nothing and says nothing without a URL', async () => {
    const sender = aSender({ alertWebhookUrl: null });
    sender.send(anAlert());
    await sender.onApplicationShutdown();
    expect([receiver.received, log]).toEqual([[], []]);
  });

  it.each([408, 429, 500, 503, 'reset'] as const)(
    'tries again after %s, the same alert signed anew',
    async (failure) => {
      receiver.answerNext(failure, failure);
      aSender().send(anAlert());
      await received(3);
      expect(new Set(receiver.received.map(({ body }) => body)).size).toBe(1);
      receiver.received.forEach(expectSigned);
      expect(log).toEqual([]);
    },
  );

  it('tries again at its usual pace, too', async () => {
    receiver.answerNext(503);
    aSender({}, '127.0.0.1', AlertSender).send(anAlert());
    await received(2);
  });

  it('gives up after three tries with one line that names the host only, and goes on with the next alert', async () => {
    receiver.answerNext(503, 'reset', 503);
    const sender = aSender();
    sender.send(anAlert());
    sender.send(anAlert({ event: 'channel.recovered' }));
    await received(4);
    expect(receiver.received.map((hook) => bodyOf(hook).event)).toEqual([
      ...Array<string>(3).fill('channel.down'),
      'channel.recovered',
    ]);
    const host = new URL(receiver.origin).host;
    const gaveUp = `Gave up on alert channel.down of channel 3`;
    expect(log).toEqual([expect.stringMatching(`^warn: ${gaveUp} \\([\\da-f-]+\\): ${host} answered 503$`)]);
  });

  it.each([400, { redirectTo: '/elsewhere' }])('gives up at once after %j, and goes nowhere else', async (answer) => {
    receiver.answerNext(answer);
    aSender().send(anAlert());
    await logged(expect.stringMatching(/answered (400|307)$/));
    expect(receiver.received.map(({ path }) => path)).toEqual([SECRET_PATH]);
  });

  it('logs neither the secret nor what is secret of the URL when nobody listens', async () => {
    const unused = await WebhookReceiver.start();
    await unused.stop();
    aSender({ alertWebhookUrl: unused.origin.replace('//', '//user:hidden-password@') + SECRET_PATH }).send(anAlert());
    await logged(expect.stringMatching(/127\.0\.0\.1:\d+ did not answer \(ECONNREFUSED\)$/));
    expect(log.join()).not.toMatch(/hidden|services/);
    expect(log.join()).not.toContain(SECRET);
  });

  it.each([
    ['an address not listed', 'http://127.0.0.1:1', '10.0.0.0/8'],
    ['plain http', 'http://hooks.example.com', ''],
    ['a link-local address, whatever is listed', 'http://169.254.169.254', '169.254.0.0/16'],
    ['a metadata name, whatever is listed', 'http://metadata.google.internal', 'metadata.google.internal'],
    ['what is no URL', 'http://%', ''],
  ])('refuses %s at the start, in one line that names the setting', async (_, origin, allow) => {
    const sender = aSender({ alertWebhookUrl: origin + SECRET_PATH }, allow);
    sender.send(anAlert());
    sender.send(anAlert());
    await sender.onApplicationShutdown();
    expect(log).toEqual([expect.stringMatching(/^error: .*ALERT_WEBHOOK_URL/)]);
    expect(log.join()).not.toMatch(/hidden|services/);
  });

  it('connects to no address that is refused, whatever the name promised at the start', async () => {
    jest.spyOn(dns, 'lookup').mockImplementation(((_name: string, _options: unknown, found: LookedUp) => {
      found(null, [{ address: '169.254.169.254', family: 4 }]);
    }) as typeof dns.lookup);
    aSender({ alertWebhookUrl: `http://hooks.test${SECRET_PATH}` }, 'hooks.test').send(anAlert());
    await logged(expect.stringMatching(/hooks\.test did not answer \(KEYMUX_ADDRESS_REFUSED\)$/));
  });

  it('takes the head of an answer for its end', async () => {
    receiver.answerNext('endless');
    const sender = aSender();
    sender.send(anAlert());
    sender.send(anAlert());
    await received(2);
    await sender.onApplicationShutdown();
    expect(log).toEqual([]);
  });

  it('keeps the order, and drops the oldest of more than a thousand alerts that wait', async () => {
    receiver.answerNext('silence');
    const sender = aSender();
    for (let channelId = 0; channelId <= 1_001; channelId++) sender.send(anAlert({ channelId }));
    expect(log).toEqual([expect.stringMatching(/^warn: Dropped alert channel.down of channel 1 /)]);
    await received(1);
    receiver.breakSilence();
    await received(1_001);
    const inOrder = Array.from({ length: 1_001 }, (_, place) => (place === 0 ? 0 : place + 1));
    expect(receiver.received.map((hook) => bodyOf(hook).channel_id)).toEqual(inOrder);
  });

  it('delivers what waits before it stops, and takes nothing more', async () => {
    const sender = aSender();
    sender.send(anAlert());
    sender.send(anAlert());
    await sender.onApplicationShutdown();
    expect(receiver.received).toHaveLength(2);
    sender.send(anAlert());
    await sender.onApplicationShutdown();
    expect(receiver.received).toHaveLength(2);
  });

  it('stops although the receiver is silent, and says what was not sent', async () => {
    receiver.answerNext('silence');
    const sender = aSender();
    sender.send(anAlert());
    sender.send(anAlert());
    await received(1);
    await sender.onApplicationShutdown();
    expect(receiver.received).toHaveLength(1);
    expect(log).toEqual([
      expect.stringMatching(/^warn: Gave up on alert .* did not answer \(ERR_CANCELED\)$/),
      'warn: The program stops before these were sent: 1 alerts',
    ]);
  });
});
