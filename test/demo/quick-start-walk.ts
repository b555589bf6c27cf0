import { setTimeout as sleep } from 'node:timers/promises';
import type { AdminAnswer } from '../support/admin-client';
import type { FakeUpstream } from '../support/fake-upstream';
import type { BuiltProgram } from './built-program';
import { table } from './text-table';

const SWITCHED_OFF = 2;
const DYING = 4;
const LONGEST_COUNT_MS = 10_000;

interface WalkOptions {
  readonly program: BuiltProgram;
  readonly upstream: FakeUpstream;
  /** Seven keys: five to import and two to append. */
  readonly keys: readonly string[];
  readonly print: (line?: string) => void;
}

interface ServedRequest {
  readonly status: number;
  readonly keyIndex: number;
  readonly attempts: number;
}

interface KeyStats {
  readonly total_keys: number;
  readonly enabled_keys: number;
  readonly disabled_keys: number;
}

/** Goes through the quick start step by step, tells each in a line, and throws at the first thing that is not as expected. */
export class QuickStartWalk {
  private step = 0;
  private channelId = 0;
  private token = '';
  private masks: string[] = [];
  private readonly served: ServedRequest[] = [];

  constructor(private readonly options: WalkOptions) {}

  async run(): Promise<void> {
    await this.prepare();
    await this.sendRound('6 requests', [0, 1, 2, 3, 4, 0]);
    await this.manage();
    await this.sendRound('6 requests', [1, 3, 4, 5, 6, 0]);
    await this.failOver();
    this.printTable();
    await this.checkCounts();
    const { program, keys } = this.options;
    expect(!keys.some((key) => program.log.includes(key)), 'a key appears in the log');
  }

  tell(title: string, text: string): void {
    this.step++;
    this.options.print(`${String(this.step).padStart(2)}. ${title.padEnd(13)} ${text}`);
  }

  private async prepare(): Promise<void> {
    const { program, upstream, keys } = this.options;
    this.channelId = await program.admin.createChannel({ baseUrl: upstream.baseUrl, name: 'demo pool' });
    this.tell('Channel', `"demo pool", id ${this.channelId}`);

    const settings = { channel_id: this.channelId, is_multi_key: true, key_selection_mode: 0 };
    succeed(await program.admin.call('PUT', '/api/channel/multi-key/settings', settings));
    this.tell('Settings', 'several keys, polling');

    const imported = await this.change<{ imported_count: number }>('import', { keys: keys.slice(0, 5), mode: 0 });
    expect(imported.imported_count === 5, `${imported.imported_count} of 5 keys were imported`);
    await this.readMasks();
    this.tell('Import', `5 keys: ${this.masks.join(' ')}`);

    const details = await program.admin.listKeys(this.channelId);
    expect(
      details.every(({ index, status }, place) => index === place && status === 1),
      'not all keys are enabled in order',
    );
    this.tell('Details', `index ${details.map(({ index }) => index).join(' ')}, all enabled`);

    this.token = await program.admin.createToken({ name: 'demo client' });
    this.tell('Token', `${this.token.slice(0, 10)}... for the client, shown this once`);
  }

  private async manage(): Promise<void> {
    await this.change('toggle', { key_index: SWITCHED_OFF, enabled: false });
    this.tell('Toggle', `key ${SWITCHED_OFF} off`);

    await this.change('import', { keys: this.options.keys.slice(5), mode: 1 });
    await this.readMasks();
    expect(this.masks.length === 7, `${this.masks.length} keys are there, not 7`);
    this.tell('Append', `2 keys, index 5 and 6: ${this.masks.slice(5).join(' ')}`);

    await this.change('batch-toggle', { key_indices: [3, 4, 5], enabled: false });
    await this.tellStats('Batch toggle', 'keys 3 4 5 off', 3);
    await this.change('batch-toggle', { key_indices: [3, 4, 5], enabled: true });
    await this.tellStats('Batch toggle', 'keys 3 4 5 on', 6);
  }

  private async tellStats(title: string, done: string, enabledKeys: number): Promise<void> {
    const stats = succeed(await this.options.program.admin.get<KeyStats>(`/api/channel/${this.channelId}/keys/stats`));
    const text = `${stats.total_keys} keys, ${stats.enabled_keys} enabled, ${stats.disabled_keys} disabled`;
    const isRight =
      stats.total_keys === 7 && stats.enabled_keys === enabledKeys && stats.disabled_keys === 7 - enabledKeys;
    expect(isRight, `the stats say ${text}`);
    this.tell(title, `${done}; stats: ${text}`);
  }

  private async sendRound(title: string, expected: readonly number[]): Promise<void> {
    const served = await this.send(expected.length);
    const indices = served.map(({ keyIndex }) => keyIndex).join(' ');
    expect(indices === expected.join(' '), `keys ${indices} served, not ${expected.join(' ')}`);
    this.tell(title, `served by keys ${indices}`);
  }

  private async failOver(): Promise<void> {
    this.options.upstream.killKey(this.options.keys[DYING] ?? '');
    this.tell('A key dies', `the upstream answers 401 to key ${DYING} from now on`);
    const served = await this.send(7);
    expect(
      served.some(({ attempts }) => attempts > 1),
      'no request met the dead key',
    );
    expect(
      served.every(({ keyIndex }) => keyIndex !== DYING && keyIndex !== SWITCHED_OFF),
      'a key served that could not',
    );
    this.tell('7 requests', `all answered, by keys ${served.map(({ keyIndex }) => keyIndex).join(' ')}`);
  }

  private async send(count: number): Promise<ServedRequest[]> {
    const sent: ServedRequest[] = [];
    for (let i = 0; i < count; i++) sent.push(await this.sendOne());
    this.served.push(...sent);
    return sent;
  }

  private async sendOne(): Promise<ServedRequest> {
    const { program, upstream, keys } = this.options;
    const response = await fetch(`${program.baseUrl}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'gpt-3.5-turbo', messages: [{ role: 'user', content: 'Hello!' }] }),
    });
    const answer = await response.text();
    expect(response.status === 200, `a request was answered ${response.status}: ${answer}`);
    const keyIndex = Number(response.headers.get('x-keymux-key-index'));
    expect(upstream.keysUsed().at(-1) === keys[keyIndex], `the upstream saw another key than number ${keyIndex}`);
    return { status: response.status, keyIndex, attempts: Number(response.headers.get('x-keymux-attempts')) };
  }

  private printTable(): void {
    const rows = this.served.map(({ status, keyIndex, attempts }, place) => [
      String(place + 1),
      `${keyIndex}  ${this.masks[keyIndex] ?? ''}`,
      attempts > 1 ? `${attempts}  (failed over)` : String(attempts),
      String(status),
    ]);
    this.options.print();
    for (const line of table([['request', 'key served', 'attempts', 'status'], ...rows]))
      this.options.print(`    ${line}`);
    this.options.print();
  }

  /** Counts reach the database a moment after the answers. */
  private async checkCounts(): Promise<void> {
    const deadline = performance.now() + LONGEST_COUNT_MS;
    for (;;) {
      const counts = (await this.options.program.admin.listKeys(this.channelId)).map(({ usage }) => usage);
      const counted = counts.reduce((sum, count) => sum + count, 0);
      if (counted >= this.served.length) {
        this.tell('Usage', `stored by key: ${counts.join(' ')}`);
        return;
      }
      expect(performance.now() < deadline, `only ${counted} of ${this.served.length} requests were counted`);
      await sleep(100);
    }
  }

  private async readMasks(): Promise<void> {
    this.masks = (await this.options.program.admin.listKeys(this.channelId)).map(({ key }) => key);
  }

  private async change<T = object>(action: string, fields: object): Promise<T> {
    const body = { channel_id: this.channelId, ...fields };
    return succeed(await this.options.program.admin.post<T>(`/api/channel/keys/${action}`, body));
  }
}

function succeed<T>(answer: AdminAnswer<T>): T {
  expect(answer.success, `${answer.status} ${answer.message}`);
  return answer.data;
}

function expect(isAsExpected: boolean, otherwise: string): void {
  if (!isAsExpected) throw new Error(otherwise);
}
