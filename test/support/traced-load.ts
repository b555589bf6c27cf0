import { randomBytes } from 'node:crypto';
import { CANARY_ANSWER, CANARY_PROMPT } from './canary';
import { either, inItsTime } from './churn-load';
import { sendText } from './fake-openai';
import type { FakeUpstream } from './fake-upstream';
import { type Answer, replies } from './fake-upstream-replies';
import { chatBody, type RelayClient } from './relay-client';

const REQUEST_ID = 'x-request-id';
const END_OF_STREAM = 'data: [DONE]';
const PIECES = CANARY_ANSWER.split(/(?<= )/);
const BETWEEN_PIECES_MS = 15;

const STREAMED_SHARE = 0.5;
const LEAVING_SHARE = 0.05;
const LIMITED_SHARE = 0.01;

const rateLimited = replies.status(429, { headers: { 'retry-after': '1' } });
const streamOrNot: Answer = (exchange) =>
  exchange.json?.['stream'] === true
    ? replies.stream(PIECES, { delayMs: BETWEEN_PIECES_MS })(exchange)
    : sendText(exchange, CANARY_ANSWER);
const usual = either(LIMITED_SHARE, rateLimited, inItsTime(streamOrNot));

/**
 * Callers who give each request an id of its own, and an upstream that counts by it: what either side knows of each request.
 * Half of the requests are streamed, some callers leave within the stream, and some attempts meet a rate limit.
 */
export class TracedLoad {
  /** How often the upstream was asked for each request. */
  readonly seen = new Map<string, number>();
  /** Requests whose whole answers have reached their callers. */
  readonly delivered = new Set<string>();
  /** Answers of another status than 200. */
  readonly refusals: string[] = [];
  /** Answers that broke off or never came. */
  broken = 0;
  private readonly run = randomBytes(6).toString('hex');
  private requests = 0;

  constructor(upstream: FakeUpstream) {
    upstream.answer((exchange) => {
      const id = String(exchange.entry.headers[REQUEST_ID]);
      this.seen.set(id, (this.seen.get(id) ?? 0) + 1);
      return usual(exchange);
    });
  }

  /** Calls without a pause until what is returned is called, which waits for the answers; whose answer breaks off calls no more. */
  start(relay: RelayClient, callers: number): () => Promise<void> {
    let isRunning = true;
    const callOneByOne = async (): Promise<void> => {
      while (isRunning && (await this.call(relay)));
    };
    const calls = Promise.all(Array.from({ length: callers }, callOneByOne));
    return async () => {
      isRunning = false;
      await calls;
    };
  }

  /** One request of each of so many callers at once. */
  async callOnce(relay: RelayClient, callers: number): Promise<void> {
    await Promise.all(Array.from({ length: callers }, () => this.call(relay)));
  }

  private async call(relay: RelayClient): Promise<boolean> {
    const id = `${this.run}-${this.requests++}`;
    const stream = Math.random() < STREAMED_SHARE;
    const messages = [{ role: 'user', content: CANARY_PROMPT }];
    try {
      const body = chatBody({ stream, messages });
      const response = await relay.open('/v1/chat/completions', { body, headers: { [REQUEST_ID]: id } });
      await this.read(response, id, stream);
      return true;
    } catch {
      this.broken += 1;
      return false;
    }
  }

  private async read(response: Response, id: string, isStream: boolean): Promise<void> {
    if (response.status !== 200) {
      this.refusals.push(`${response.status} ${await response.text()}`);
      return;
    }
    if (isStream) await this.readStream(response, id);
    else {
      await response.text();
      this.delivered.add(id);
    }
  }

  private async readStream(response: Response, id: string): Promise<void> {
    const leaves = Math.random() < LEAVING_SHARE;
    const decoder = new TextDecoder();
    let text = '';
    for await (const chunk of response.body ?? []) {
      if (leaves) return;
      text += decoder.decode(chunk as Uint8Array, { stream: true });
      // From here on its caller takes it for complete, whatever becomes of the connection.
      if (text.includes(END_OF_STREAM)) this.delivered.add(id);
    }
  }
}
