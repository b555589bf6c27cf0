import { runSql } from '../support/database-rows';
import { eventually } from '../support/eventually';
import { replies } from '../support/fake-upstream-replies';
import { someKeys } from '../support/keys';
import { openSocket, rawPost } from '../support/raw-connection';
import { chatBody } from '../support/relay-client';
import { RelayScene } from '../support/relay-scene';

type Row = Record<string, unknown>;

const PIECES = ['one', 'two', 'three'];
const BODY = chatBody({ stream: true });

describe('what is recorded of a request', () => {
  let scene: RelayScene;

  beforeAll(async () => {
    scene = await RelayScene.start();
  });

  beforeEach(async () => {
    scene.upstream.reset();
    await runSql(scene.app.databaseUrl, 'TRUNCATE request_logs');
  });

  afterAll(() => scene.stop());

  /** The one request in the log, once it is there. */
  async function logged(): Promise<Row> {
    let rows: Row[] = [];
    await eventually(async () => {
      rows = await runSql(scene.app.databaseUrl, 'SELECT * FROM request_logs');
      expect(rows).toHaveLength(1);
    });
    return rows[0] ?? {};
  }

  it('has the models that were asked for and sent, what it cost, and when the first byte came', async () => {
    const { relay } = await scene.serve({ keys: someKeys(1), model_mapping: { 'gpt-4o': 'gpt-4o-real' } });
    scene.upstream.answer(replies.after(30, replies.normal()));
    await relay.chat();
    const row = await logged();
    expect(row).toMatchObject({ model: 'gpt-4o', model_sent: 'gpt-4o-real', end_reason: 'done', is_estimated: false });
    expect(Number(row['prompt_tokens'])).toBeGreaterThan(0);
    expect(Number(row['ttft_ms'])).toBeGreaterThan(0);
    expect(Number(row['duration_ms'])).toBeGreaterThanOrEqual(Number(row['ttft_ms']));
  });

  it('has no first byte where no answer came', async () => {
    const { relay } = await scene.serve({ keys: someKeys(1) });
    scene.upstream.answer(replies.reset());
    await relay.chat();
    const nothing = { ttft_ms: null, prompt_tokens: null, completion_tokens: null, is_estimated: false };
    expect(await logged()).toMatchObject({ ...nothing, end_reason: 'upstream_error', model_sent: 'gpt-4o' });
  });

  it('has an estimate where a stream does not say what it cost', async () => {
    const { relay } = await scene.serve({ keys: someKeys(1) });
    scene.upstream.answer(replies.stream(PIECES));
    await (await relay.openStream()).text();
    const row = await logged();
    expect(row).toMatchObject({ end_reason: 'done', stream: true, is_estimated: true, cached_tokens: null });
    expect(Number(row['prompt_tokens'])).toBe(Math.ceil(BODY.length / 4));
    expect(Number(row['completion_tokens'])).toBeGreaterThanOrEqual(PIECES.length);
  });

  it('has an estimate where the client left a stream', async () => {
    const { relay } = await scene.serve({ keys: someKeys(1) });
    scene.upstream.answer(replies.hangMidStream(PIECES));
    const socket = await openSocket(scene.app.baseUrl);
    socket.write(rawPost('/v1/chat/completions', relay.token, BODY));
    await new Promise((resolve) => socket.once('data', resolve));
    socket.destroy();
    expect(await logged()).toMatchObject({ end_reason: 'client_gone', is_estimated: true });
  });

  it('has an estimate of what had passed where the client left an answer that is no stream', async () => {
    const { relay } = await scene.serve({ keys: someKeys(1) });
    scene.upstream.answer(
      replies.raw(async (exchange) => {
        exchange.start(200, { 'content-type': 'application/json' });
        await exchange.write('x'.repeat(4_000));
      }),
    );
    const socket = await openSocket(scene.app.baseUrl);
    socket.write(rawPost('/v1/chat/completions', relay.token, chatBody()));
    let received = 0;
    await new Promise<void>((resolve) => {
      socket.on('data', (bytes: Buffer) => {
        received += bytes.length;
        if (received > 4_000) resolve();
      });
    });
    socket.destroy();
    const row = await logged();
    expect(row).toMatchObject({ end_reason: 'client_gone', status: 200, is_estimated: true });
    expect(Number(row['completion_tokens'])).toBe(1_000);
  });

  it('has status 499 and what was asked where the client left before any answer', async () => {
    const { relay } = await scene.serve({ keys: someKeys(1) });
    scene.upstream.answer(replies.hang());
    const socket = await openSocket(scene.app.baseUrl);
    socket.write(rawPost('/v1/chat/completions', relay.token, chatBody()));
    await eventually(() => {
      expect(scene.upstream.ledger).toHaveLength(1);
    });
    socket.destroy();
    const row = await logged();
    expect(row).toMatchObject({ end_reason: 'client_gone', status: 499, ttft_ms: null, is_estimated: true });
    expect(Number(row['prompt_tokens'])).toBe(Math.ceil(chatBody().length / 4));
    expect(Number(row['completion_tokens'])).toBe(0);
  });

  it('is kept once a stream says that it is complete, though its connection has not ended', async () => {
    const { relay } = await scene.serve({ keys: someKeys(1) });
    scene.upstream.answer(
      replies.raw(async (exchange) => {
        exchange.start(200, { 'content-type': 'text/event-stream' });
        await exchange.write('data: {"choices":[{"delta":{"content":"one"}}]}\n\ndata: [DONE]\n\n');
      }),
    );
    const socket = await openSocket(scene.app.baseUrl);
    socket.write(rawPost('/v1/chat/completions', relay.token, BODY));
    expect(await logged()).toMatchObject({ end_reason: 'done' });
    socket.destroy();
    await eventually(() => {
      expect(scene.upstream.ledger[0]?.aborted).toBe(true);
    });
    expect(await logged()).toMatchObject({ end_reason: 'done' });
  });

  it('says where the program stopped before a request was over', async () => {
    const { relay } = await scene.serve({ keys: someKeys(1) });
    scene.upstream.answer(replies.hangMidStream(PIECES));
    const socket = await openSocket(scene.app.baseUrl);
    socket.write(rawPost('/v1/chat/completions', relay.token, BODY));
    await new Promise((resolve) => socket.once('data', resolve));
    await scene.app.restart();
    expect(await logged()).toMatchObject({ end_reason: 'shutdown', status: 200 });
  });
});
