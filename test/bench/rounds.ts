import type { Cores } from './cores';
import type { Load, LoadRequest } from './load';
import { readUsage } from './process-meter';
import type { Target, TargetName } from './targets';

/** What one target did in one round. */
export interface Sample {
  /** Requests, or chunks. */
  readonly units: number;
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** CPU time of the gateway alone for one unit of work: a request, or a chunk. */
  readonly cpuUsPerUnit: number;
  /** How much of a core the gateway used: below 1 something else was the limit. */
  readonly coreShare: number;
  readonly rssBytes: number;
}

/** A kind of traffic and what is counted of it. */
export interface Scenario {
  readonly requestOf: (target: Target) => LoadRequest;
  readonly connections: number;
  readonly seconds: number;
  readonly rounds: number;
  /** Units of work done so far; without it a request is the unit. */
  readonly countUnits?: () => Promise<number>;
}

// The compiler's own threads work for tens of thousands of requests, longest for the largest program (measured).
const WARM_UP_UNITS = 50_000;
const MOST_WARM_UP_RUNS = 5;

/** Puts load on targets in turn, round by round, and measures each alone. */
export class Rounds {
  constructor(
    private readonly load: Load,
    private readonly cores: Cores | null,
  ) {}

  /** One sample a round for each target, in the order of the rounds. */
  async measure(scenario: Scenario, targets: readonly Target[]): Promise<ReadonlyMap<TargetName, readonly Sample[]>> {
    const samples = new Map<TargetName, Sample[]>(targets.map(({ name }) => [name, []]));
    for (const target of targets) await this.warmUp(scenario, target);
    for (let round = 0; round < scenario.rounds; round++) {
      // There and back, so that a machine that grows slower or faster favours nobody.
      const order = round % 2 === 0 ? targets : targets.toReversed();
      for (const target of order) samples.get(target.name)?.push(await this.sample(scenario, target));
    }
    return samples;
  }

  private async warmUp(scenario: Scenario, target: Target): Promise<void> {
    let units = 0;
    for (let run = 0; run < MOST_WARM_UP_RUNS && units < WARM_UP_UNITS; run++) {
      units += (await this.sample(scenario, target)).units;
    }
  }

  private async sample(scenario: Scenario, target: Target): Promise<Sample> {
    const { connections, seconds, countUnits } = scenario;
    // Again each time: threads may have come.
    this.cores?.pinGateway(target.pids);
    const unitsBefore = (await countUnits?.()) ?? 0;
    const before = readUsage(target.pids);
    const result = await this.load.run(scenario.requestOf(target), { connections, seconds });
    const after = readUsage(target.pids);
    const units = countUnits ? (await countUnits()) - unitsBefore : result.requests;
    if (result.failures > 0) throw new Error(`${target.name} failed ${result.failures} of ${result.requests} requests`);
    const cpuUs = after.cpuUs - before.cpuUs;
    return {
      units,
      requestsPerSecond: result.requests / result.seconds,
      p50Ms: result.p50Ms,
      p99Ms: result.p99Ms,
      cpuUsPerUnit: cpuUs / units,
      coreShare: cpuUs / (result.seconds * 1_000_000),
      rssBytes: after.rssBytes,
    };
  }
}
