import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cores } from './cores';
import { findInstalled } from './installed';

/** A POST to send over and over. */
export interface LoadRequest {
  readonly url: string;
  readonly token: string;
  readonly body: string;
}

export interface LoadOptions {
  readonly connections: number;
  readonly seconds: number;
}

export interface LoadResult {
  readonly requests: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Answers that were not 2xx, and requests that got none. */
  readonly failures: number;
}

/** Sends requests as fast as answers come, from a process of its own. */
export abstract class Load {
  abstract readonly name: string;

  constructor(
    protected readonly folder: string,
    private readonly cores: Cores | null,
  ) {}

  abstract run(request: LoadRequest, options: LoadOptions): Promise<LoadResult>;

  /** Runs a program to its end and answers the last line that it printed. */
  protected async lastLineOf(command: string, commandArguments: readonly string[]): Promise<string> {
    const child = spawn(command, commandArguments, { stdio: ['ignore', 'pipe', 'ignore'] });
    this.cores?.pinRest([child.pid ?? 0]);
    const output: Buffer[] = [];
    child.stdout.on('data', (text: Buffer) => output.push(text));
    const [code] = (await once(child, 'close')) as [number | null];
    if (code !== 0) throw new Error(`${this.name} ended with code ${code}`);
    return Buffer.concat(output).toString().trim().split('\n').at(-1) ?? '';
  }
}

const WRK_RESULT = `{"requests":%d,"seconds":%f,"p50Ms":%f,"p99Ms":%f,"failures":%d}`;

class WrkLoad extends Load {
  readonly name = 'wrk';

  async run({ url, token, body }: LoadRequest, { connections, seconds }: LoadOptions): Promise<LoadResult> {
    const script = join(this.folder, 'load.lua');
    const bodyFile = join(this.folder, 'body.json');
    await writeFile(bodyFile, body);
    await writeFile(script, wrkScript(bodyFile, token));
    const options = ['-t1', `-c${connections}`, `-d${seconds}`, '--timeout', '10', '-s', script, url];
    return JSON.parse(await this.lastLineOf('wrk', options)) as LoadResult;
  }
}

function wrkScript(bodyFile: string, token: string): string {
  return `
wrk.method = "POST"
wrk.body = io.open("${bodyFile}"):read("*a")
wrk.headers["content-type"] = "application/json"
wrk.headers["authorization"] = "Bearer ${token}"
done = function(summary, latency)
  local errors = summary.errors
  local failures = errors.connect + errors.read + errors.write + errors.timeout + errors.status
  io.write(string.format('\\n${WRK_RESULT}\\n', summary.requests, summary.duration / 1e6,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, failures))
end
`;
}

/** The part of autocannon's report that is read. */
interface AutocannonReport {
  readonly duration: number;
  readonly requests: { readonly total: number };
  readonly latency: { readonly p50: number; readonly p99: number };
  readonly errors: number;
  readonly non2xx: number;
}

class AutocannonLoad extends Load {
  readonly name = 'autocannon';

  async run({ url, token, body }: LoadRequest, { connections, seconds }: LoadOptions): Promise<LoadResult> {
    const bodyFile = join(this.folder, 'body.json');
    await writeFile(bodyFile, body);
    const headers = ['-H', 'content-type=application/json', '-H', `authorization=Bearer ${token}`];
    const options = [
      '-j',
      '-n',
      '-m',
      'POST',
      '-c',
      String(connections),
      '-d',
      String(seconds),
      '-i',
      bodyFile,
      ...headers,
      url,
    ];
    const line = await this.lastLineOf(process.execPath, [require.resolve('autocannon'), ...options]);
    const { duration, requests, latency, errors, non2xx } = JSON.parse(line) as AutocannonReport;
    return {
      requests: requests.total,
      seconds: duration,
      p50Ms: latency.p50,
      p99Ms: latency.p99,
      failures: errors + non2xx,
    };
  }
}

/** wrk where there is one: it takes less of the machine. */
export function chooseLoad(folder: string, cores: Cores | null): Load {
  return findInstalled('wrk') === null ? new AutocannonLoad(folder, cores) : new WrkLoad(folder, cores);
}
