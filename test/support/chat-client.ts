export interface ChatAnswer {
  readonly status: number;
  /** Index of the key that served, -1 when none did. */
  readonly keyIndex: number;
  readonly text: string;
}

/** Sends chat requests to the relay, one after the other. */
export class ChatClient {
  constructor(
    private readonly baseUrl: string,
    private readonly token: string,
  ) {}

  async ask(content = 'Hello!', model = 'gpt-3.5-turbo'): Promise<ChatAnswer> {
    const response = await fetch(`${this.baseUrl}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model, messages: [{ role: 'user', content }] }),
    });
    const index = response.headers.get('x-keymux-key-index');
    return { status: response.status, keyIndex: index === null ? -1 : Number(index), text: await response.text() };
  }

  /** The indices of the keys that serve this many requests, in order. */
  async indicesOf(count: number): Promise<number[]> {
    const indices: number[] = [];
    for (let i = 0; i < count; i++) indices.push((await this.ask()).keyIndex);
    return indices;
  }
}
