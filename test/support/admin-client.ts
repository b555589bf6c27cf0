/** An answer of the admin API, as a test looks at it. */
export interface AdminAnswer<T = Record<string, unknown>> {
  readonly status: number;
  readonly headers: Headers;
  readonly success: boolean;
  readonly message: string;
  readonly code?: string;
  readonly data: T;
  readonly errors?: { readonly field: string; readonly message: string }[];
}

export interface ListedKey {
  readonly index: number;
  readonly key_id: number;
  readonly key: string;
  readonly status: number;
  readonly status_text: string;
  readonly usage: number;
  readonly last_used: number;
  readonly import_batch: string;
  readonly note: string;
  readonly balance: number;
}

export interface ChannelOptions {
  readonly baseUrl: string;
  readonly keys?: readonly string[];
  readonly [field: string]: unknown;
}

/** Calls the admin API over HTTP, as a script would. */
export class AdminClient {
  constructor(
    private readonly baseUrl: string,
    private readonly token: string,
  ) {}

  get<T = Record<string, unknown>>(path: string): Promise<AdminAnswer<T>> {
    return this.call<T>('GET', path);
  }

  post<T = Record<string, unknown>>(path: string, body: object): Promise<AdminAnswer<T>> {
    return this.call<T>('POST', path, body);
  }

  async call<T = Record<string, unknown>>(method: string, path: string, body?: object): Promise<AdminAnswer<T>> {
    const response = await fetch(`${this.baseUrl}${path}`, {
      method,
      headers: { authorization: `Bearer ${this.token}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
    const envelope = (await response.json()) as AdminAnswer<T>;
    return { ...envelope, status: response.status, headers: response.headers };
  }

  /** Makes a channel and answers its id. */
  async createChannel({ baseUrl, ...fields }: ChannelOptions): Promise<number> {
    const answer = await this.post<{ id: number }>('/api/channel', { name: 'a channel', base_url: baseUrl, ...fields });
    if (!answer.success) throw new Error(answer.message);
    return answer.data.id;
  }

  /** Issues a client token. */
  async createToken(fields: object = {}): Promise<string> {
    const answer = await this.post<{ key: string }>('/api/token', { name: 'a client', ...fields });
    if (!answer.success) throw new Error(answer.message);
    return answer.data.key;
  }

  async listKeys(channelId: number): Promise<ListedKey[]> {
    const answer = await this.get<{ keys: ListedKey[] }>(`/api/channel/${channelId}/keys/details`);
    return answer.data.keys;
  }
}
