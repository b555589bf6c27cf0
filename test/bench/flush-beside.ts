import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { encodeRecord } from '../../src/usage/journal/record-codec';
import { frameOf, SEGMENT_HEADER } from '../../src/usage/journal/segment-format';
import { BuiltProgram } from '../demo/built-program';
import { someKeys } from '../support/keys';
import { someRecords } from '../support/request-records';
import type { Cores } from './cores';
import type { Load, LoadRequest } from './load';
import { NodeScript } from './node-script';
import { median } from './statistics';
import { ANSWER, JSON_BODY, JSON_MODEL } from './traffic';

const RECORDS_A_SEGMENT = 2_500;
const SEGMENTS = 60;
// Far from saturation, where latency is the gateway's and not that of a queue.
const CONNECTIONS = 2;
const ROUND_SECONDS = 2;
const QUIET_ROUNDS = 5;
const WARM_UP_ROUNDS = 3;
const POLL_MS = 50;
const LONGEST_WAIT_MS = 60_000;

/** What callers notice while the records of another, dead process are brought to the database. */
export interface FlushCost {
  readonly recordsPerSecond: number;
  readonly quietP99Ms: number;
  readonly flushingP99Ms: number;
}

/** Measures the latency of requests while as many records as there is time for are flushed beside them. */
export class FlushBeside {
  constructor(
    private readonly folder: string,
    private readonly load: Load,
    private readonly cores: Cores | null,
  ) {}

  async measure(): Promise<FlushCost> {
    const upstream = await NodeScript.start(this.folder, 'churn-upstream', ANSWER, '1');
    const program = await BuiltProgram.start({ environment: { SHUTDOWN_TIMEOUT: '1s' } });
    try {
      await program.admin.createChannel({
        baseUrl: upstream.baseUrls[0] ?? '',
        models: [JSON_MODEL],
        is_multi_key: true,
        keys: someKeys(100),
      });
      const token = await program.admin.createToken();
      const request = { url: `${program.baseUrl}/v1/chat/completions`, token, body: JSON_BODY };
      this.cores?.pinGateway([program.pid]);
      this.cores?.pinRest([upstream.pid]);
      return await this.compare(request, join(program.dataDir, 'journal'));
    } finally {
      await program.stop();
      await upstream.stop();
    }
  }

  private async compare(request: LoadRequest, journal: string): Promise<FlushCost> {
    for (let round = 0; round < WARM_UP_ROUNDS; round++) await this.p99Ms(request);
    const quiet: number[] = [];
    for (let round = 0; round < QUIET_ROUNDS; round++) quiet.push(await this.p99Ms(request));
    const backlog = await leaveBehind(journal);
    await untilLess(backlog, SEGMENTS);
    const beganAtMs = performance.now();
    const began = await backlog();
    const flushing: number[] = [];
    do flushing.push(await this.p99Ms(request));
    while ((await backlog()) > SEGMENTS / 3);
    const records = (began - (await backlog())) * RECORDS_A_SEGMENT;
    return {
      recordsPerSecond: (1_000 * records) / (performance.now() - beganAtMs),
      quietP99Ms: median(quiet),
      flushingP99Ms: median(flushing),
    };
  }

  private async p99Ms(request: LoadRequest): Promise<number> {
    return (await this.load.run(request, { connections: CONNECTIONS, seconds: ROUND_SECONDS })).p99Ms;
  }
}

/** The journal of a process that died with much to flush; answers how many of its segments are left. */
async function leaveBehind(journal: string): Promise<() => Promise<number>> {
  const instance = randomUUID();
  const folder = join(journal, instance);
  const frames = someRecords(RECORDS_A_SEGMENT).map((record) => Buffer.from(frameOf(encodeRecord(record))));
  const segment = Buffer.concat([SEGMENT_HEADER, ...frames]);
  // Nobody takes over a folder by another name.
  const draft = join(journal, 'being-written');
  await mkdir(draft, { recursive: true });
  for (let seq = 1; seq <= SEGMENTS; seq++) {
    await writeFile(join(draft, `${String(seq).padStart(12, '0')}.seg`), segment);
  }
  await rename(draft, folder);
  return async () => {
    const paths = await readdir(journal, { recursive: true });
    return paths.filter((path) => path.includes(instance) && path.endsWith('.seg')).length;
  };
}

async function untilLess(count: () => Promise<number>, than: number): Promise<void> {
  const deadlineMs = performance.now() + LONGEST_WAIT_MS;
  while ((await count()) >= than) {
    if (performance.now() > deadlineMs) throw new Error('Nobody takes over what a dead process left');
    await sleep(POLL_MS);
  }
}
