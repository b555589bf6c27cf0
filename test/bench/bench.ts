import 'reflect-metadata';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Cores } from './cores';
import { FlushBeside } from './flush-beside';
import { HealthChurn } from './health-churn';
import { chooseLoad } from './load';
import { Nginx } from './nginx';
import { measurePickCost } from './pick-cost';
import { isProcessMeterAvailable } from './process-meter';
import { type BenchResults, renderReport, reportData } from './report';
import { Rounds, type Scenario } from './rounds';
import { Targets } from './targets';
import { CHUNK_PACE_MS, CHUNKS_PER_STREAM } from './traffic';

const RESULTS = join(__dirname, 'results');
const BUSY_LOAD = 1;
const JSON_TRAFFIC: Scenario = { requestOf: ({ json }) => json, connections: 64, seconds: 2, rounds: 7 };
const STREAM_TRAFFIC: Scenario = { requestOf: ({ stream }) => stream, connections: 48, seconds: 2, rounds: 7 };

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function measure(folder: string, targets: Targets): Promise<BenchResults> {
  const [busyness = 0] = loadavg();
  const cores = Cores.choose();
  const load = chooseLoad(folder, cores);
  const rounds = new Rounds(load, cores);
  print('Timing the selector');
  const pick = measurePickCost();
  print('Starting the upstreams and the gateways');
  const all = await targets.start();
  cores?.pinRest(targets.upstreams);
  print(`JSON through ${all.map(({ name }) => name).join(', ')}`);
  const json = await rounds.measure(JSON_TRAFFIC, all);
  print('Event streams');
  const countChunks = (): Promise<number> => targets.countChunks();
  const stream = await rounds.measure(
    { ...STREAM_TRAFFIC, countUnits: countChunks },
    all.filter(({ name }) => name !== 'direct' && name !== 'unrecorded'),
  );
  // What follows has the machine to itself.
  await targets.stop();
  print('Records that are flushed beside requests');
  const flush = await new FlushBeside(folder, load, cores).measure();
  print('A large pool whose keys change');
  const churn = await new HealthChurn(folder, load, cores).measure();
  const { connections, seconds, rounds: count } = JSON_TRAFFIC;
  return {
    startedAt: new Date().toISOString(),
    machine: [
      `${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, Node ${process.versions.node}, load ${load.name}`,
      `Medians of ${count} interleaved rounds of ${seconds} s, ratios within a round; CPU of the gateway process alone`,
      `JSON: ${connections} connections; streams: ${STREAM_TRAFFIC.connections} connections, ${CHUNKS_PER_STREAM} chunks, one every ${CHUNK_PACE_MS} ms`,
    ],
    notes: [
      ...(Nginx.isInstalled() ? [] : ['nginx is not installed: no row for it, and a Node server is the upstream']),
      ...(cores ? [] : ['no taskset or only one core: gateway and load share their cores']),
      ...(busyness > BUSY_LOAD
        ? [`other work was running (load ${busyness.toFixed(1)}): trust CPU and ratios, not requests/s`]
        : []),
    ],
    json,
    stream,
    pick,
    churn,
    flush,
  };
}

async function main(): Promise<void> {
  if (!isProcessMeterAvailable()) {
    print('Skipped: the CPU time of a process is read from /proc, which this system does not have.');
    return;
  }
  const folder = await mkdtemp(join(tmpdir(), 'keymux-bench-'));
  await chmod(folder, 0o711);
  const targets = new Targets(folder);
  const clean = async (): Promise<void> => {
    await targets.stop();
    await rm(folder, { recursive: true, force: true });
  };
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void clean().finally(() => process.exit(130)));
  try {
    const results = await measure(folder, targets);
    const report = renderReport(results);
    await mkdir(RESULTS, { recursive: true });
    await writeFile(join(RESULTS, 'latest.md'), report);
    await writeFile(join(RESULTS, 'latest.json'), `${JSON.stringify(reportData(results), null, 2)}\n`);
    print(`\n${report}`);
  } finally {
    await clean();
  }
}

main().catch((error: unknown) => {
  print(`The bench failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  process.exitCode = 1;
});
