/** An answer of the relay, read to its end. */
interface RelayAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

interface RelayError {
  readonly message: string;
  readonly type: string;
  readonly param: string | null;
  readonly code: string | null;
}

type HeaderFields = Readonly<Record<string, string>>;

export interface RelayCall {
  readonly method?: string;
  readonly headers?: HeaderFields;
  readonly body?: string | Buffer | ReadableStream | undefined;
}

const MESSAGES = [{ role: 'user', content: 'Hello!' }];

/** Calls /v1 over HTTP with one token, as a program without an SDK does. */
export class RelayClient {
  constructor(
    readonly baseUrl: string,
    readonly token: string,
  ) {}

  /** A chat completion; `fields` add to its body. */
  chat(fields: object = {}, headers: HeaderFields = {}): Promise<RelayAnswer> {
    return this.send('/v1/chat/completions', { body: chatBody(fields), headers });
  }

  /** A streamed chat completion of which only the head has come. */
  openStream(): Promise<Response> {
    return this.open('/v1/chat/completions', { body: chatBody({ stream: true }) });
  }

  async send(path: string, call: RelayCall = {}): Promise<RelayAnswer> {
    const response = await this.open(path, call);
    return { status: response.status, headers: response.headers, text: await response.text() };
  }

  /** As `send`, but only the head has come. */
  open(path: string, { method, headers, body }: RelayCall = {}): Promise<Response> {
    return fetch(`${this.baseUrl}${path}`, {
      method: method ?? (body === undefined ? 'GET' : 'POST'),
      headers: { authorization: `Bearer ${this.token}`, 'content-type': 'application/json', ...headers },
      redirect: 'manual',
      ...(body !== undefined && { body: body as RequestInit['body'] & {}, duplex: 'half' as const }),
    });
  }
}

export function chatBody(fields: object = {}): string {
  return JSON.stringify({ model: 'gpt-4o', messages: MESSAGES, ...fields });
}

/** The error of an answer, which fails the test unless it is in OpenAI's shape. */
export function errorOf({ text }: { readonly text: string }): RelayError {
  const { error } = JSON.parse(text) as { error: RelayError };
  const shape = { message: expect.any(String) as string, type: expect.any(String) as string };
  expect(error).toEqual({ ...shape, param: error.param, code: error.code });
  return error;
}
