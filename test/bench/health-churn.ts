import { setTimeout as sleep } from 'node:timers/promises';
import { BuiltProgram } from '../demo/built-program';
import { someKeys } from '../support/keys';
import type { Cores } from './cores';
import type { Load, LoadRequest } from './load';
import { NodeScript } from './node-script';
import { type ProcessUsage, readUsage } from './process-meter';
import { medianRatio } from './statistics';
import { ANSWER, JSON_BODY, JSON_MODEL } from './traffic';

const KEYS = 100_000;
const CHANGED_SHARE_PER_MINUTE = 0.1;
const CHANGES_PER_SECOND = Math.round((KEYS * CHANGED_SHARE_PER_MINUTE) / 60);
/** As many again by an admin's calls as by rate limits. */
const HALF_PER_SECOND = Math.round(CHANGES_PER_SECOND / 2);
const REST_SECONDS = 15;

/** A request may meet three refusals by chance. */
const MOST_FAILURES_SHARE = 0.001;

const CONNECTIONS = 64;
const ROUND_SECONDS = 6;
const ROUNDS = 5;
const WARM_UP_ROUNDS = 4;
const SECOND_MS = 1_000;
const US_PER_SECOND = 1_000_000;

/** What the gateway did for some seconds, with keys that change or with keys that stay as they are. */
interface ChurnSample {
  /** CPU time of the gateway for one request to the upstream, second attempts counted as requests. */
  readonly cpuUsPerRequest: number;
  readonly requestsPerSecond: number;
  /** Second attempts counted as well. */
  readonly upstreamRequestsPerSecond: number;
  readonly p99Ms: number;
  readonly rssBytes: number;
}

/** What it costs when the keys of a large pool change their states all the time. */
export interface ChurnCost {
  readonly keys: number;
  readonly changesPerSecond: number;
  /** In turns: the round with the same number was measured right before or after. */
  readonly calm: readonly ChurnSample[];
  readonly churning: readonly ChurnSample[];
  /** What the gateway takes of a core for the admin's calls and their changes alone, without requests. */
  readonly churnCoreShare: number;
  /** After the warm-up, which has seen churn as well, and at the end. */
  readonly rssBytes: { readonly before: number; readonly after: number };
}

/** CPU for a request while keys change against while they do not, less what the admin's calls take of a core. */
export function churnRatio({ calm, churning, churnCoreShare }: ChurnCost, lessCoreShare = churnCoreShare): number {
  const net = churning.map(({ cpuUsPerRequest, upstreamRequestsPerSecond }) => {
    return cpuUsPerRequest - (lessCoreShare * US_PER_SECOND) / upstreamRequestsPerSecond;
  });
  return medianRatio(
    net,
    calm.map(({ cpuUsPerRequest }) => cpuUsPerRequest),
  );
}

export function growth({ rssBytes: { before, after } }: ChurnCost): number {
  return after / before;
}

/** A gateway with a large pool, whose keys an admin switches and an upstream refuses. */
class ChurningGateway {
  private off: number[] = [];

  private constructor(
    private readonly program: BuiltProgram,
    private readonly upstream: NodeScript,
    private readonly channelId: number,
    readonly request: LoadRequest,
  ) {}

  static async start(folder: string): Promise<ChurningGateway> {
    const upstream = await NodeScript.start(folder, 'churn-upstream', ANSWER, String(REST_SECONDS));
    try {
      const program = await BuiltProgram.start({ environment: { SHUTDOWN_TIMEOUT: '1s' } });
      const channelId = await program.admin.createChannel({
        baseUrl: upstream.baseUrls[0] ?? '',
        models: [JSON_MODEL],
        is_multi_key: true,
        keys: someKeys(KEYS),
      });
      const token = await program.admin.createToken();
      const request = { url: `${program.baseUrl}/v1/chat/completions`, token, body: JSON_BODY };
      return new ChurningGateway(program, upstream, channelId, request);
    } catch (error) {
      await upstream.stop();
      throw error;
    }
  }

  get usage(): ProcessUsage {
    return readUsage([this.program.pid]);
  }

  pin(cores: Cores | null): void {
    cores?.pinGateway([this.program.pid]);
    cores?.pinRest([this.upstream.pid]);
  }

  /** From now on the upstream refuses so many a second; answers how many requests it has seen. */
  async refuse(perSecond: number): Promise<number> {
    return Number(await (await fetch(`${this.upstream.baseUrls[0] ?? ''}/refuse/${perSecond}`)).text());
  }

  /** Switches so many keys off, chosen at random, and those back on that were off. */
  async switchKeys(changes: number): Promise<void> {
    const next = Array.from({ length: changes - this.off.length }, () => Math.floor(Math.random() * KEYS));
    await this.toggle(this.off, true);
    await this.toggle(next, false);
    this.off = next;
  }

  async stop(): Promise<void> {
    await this.program.stop();
    await this.upstream.stop();
  }

  private async toggle(indices: readonly number[], enabled: boolean): Promise<void> {
    if (indices.length === 0) return;
    const body = { channel_id: this.channelId, key_indices: [...new Set(indices)], enabled };
    const answer = await this.program.admin.post('/api/channel/keys/batch-toggle', body);
    if (!answer.success) throw new Error(`Keys could not be switched: ${answer.message}`);
  }
}

/**
 * Measures what 10 % of 100,000 keys changing state each minute cost a request: half of the changes by an admin's calls, the
 * other half by the upstream's rate limits.
 */
export class HealthChurn {
  constructor(
    private readonly folder: string,
    private readonly load: Load,
    private readonly cores: Cores | null,
  ) {}

  async measure(): Promise<ChurnCost> {
    const gateway = await ChurningGateway.start(this.folder);
    try {
      gateway.pin(this.cores);
      for (let round = 0; round < WARM_UP_ROUNDS; round++) await this.sample(gateway, round % 2 === 1);
      const before = gateway.usage.rssBytes;
      const churnCoreShare = await this.churnAlone(gateway);
      const [calm, churning]: [ChurnSample[], ChurnSample[]] = [[], []];
      for (let round = 0; round < ROUNDS; round++) {
        // There and back, so that a machine that grows slower or faster favours neither.
        for (const churns of round % 2 === 0 ? [false, true] : [true, false]) {
          (churns ? churning : calm).push(await this.sample(gateway, churns));
        }
      }
      const rssBytes = { before, after: gateway.usage.rssBytes };
      return { keys: KEYS, changesPerSecond: CHANGES_PER_SECOND, calm, churning, churnCoreShare, rssBytes };
    } finally {
      await gateway.stop();
    }
  }

  private async sample(gateway: ChurningGateway, churns: boolean): Promise<ChurnSample> {
    gateway.pin(this.cores);
    const requestsBefore = await gateway.refuse(churns ? HALF_PER_SECOND : 0);
    const before = gateway.usage;
    const switching = churns ? this.switchFor(gateway, ROUND_SECONDS) : null;
    const result = await this.load.run(gateway.request, { connections: CONNECTIONS, seconds: ROUND_SECONDS });
    await switching;
    const after = gateway.usage;
    const requests = (await gateway.refuse(0)) - requestsBefore;
    if (result.failures > MOST_FAILURES_SHARE * result.requests) {
      throw new Error(`${result.failures} of ${result.requests} requests failed while keys changed`);
    }
    return {
      cpuUsPerRequest: (after.cpuUs - before.cpuUs) / requests,
      requestsPerSecond: result.requests / result.seconds,
      upstreamRequestsPerSecond: requests / result.seconds,
      p99Ms: result.p99Ms,
      rssBytes: after.rssBytes,
    };
  }

  private async churnAlone(gateway: ChurningGateway): Promise<number> {
    const before = gateway.usage;
    await this.switchFor(gateway, ROUND_SECONDS);
    return (gateway.usage.cpuUs - before.cpuUs) / (ROUND_SECONDS * US_PER_SECOND);
  }

  private async switchFor(gateway: ChurningGateway, seconds: number): Promise<void> {
    for (let second = 0; second < seconds; second++) {
      const beganAtMs = performance.now();
      await gateway.switchKeys(HALF_PER_SECOND);
      await sleep(Math.max(0, SECOND_MS - (performance.now() - beganAtMs)));
    }
  }
}
