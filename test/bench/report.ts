import type { FlushCost } from './flush-beside';
import { type ChurnCost, churnRatio, growth } from './health-churn';
import type { PickCost } from './pick-cost';
import type { Sample } from './rounds';
import { median, medianRatio } from './statistics';
import type { TargetName } from './targets';

type Samples = ReadonlyMap<TargetName, readonly Sample[]>;

/** Everything that one run of the bench found. */
export interface BenchResults {
  readonly startedAt: string;
  readonly machine: readonly string[];
  readonly notes: readonly string[];
  readonly json: Samples;
  readonly stream: Samples;
  readonly pick: PickCost;
  readonly churn: ChurnCost;
  readonly flush: FlushCost;
}

interface Budget {
  readonly name: string;
  /** NaN when it could not be measured. */
  readonly measured: number;
  readonly limit: number;
  readonly unit: 'x' | ' ns' | ' ms';
}

const NAMES: Readonly<Record<TargetName, string>> = {
  direct: 'direct to the upstream',
  nginx: 'nginx reverse proxy',
  bare: 'bare node:http + undici dispatch',
  unrecorded: 'Keymux without its journal',
  keymux: 'Keymux',
};
const BYTES_PER_MEGABYTE = 1024 * 1024;

/** The results as a Markdown page. */
export function renderReport({ startedAt, machine, notes, json, stream, pick, churn, flush }: BenchResults): string {
  const lines = [
    `# Bench, ${startedAt}`,
    '',
    ...machine.map((line) => `- ${line}`),
    ...notes.map((note) => `- Note: ${note}`),
    '',
    '## Budgets',
    '',
    ...renderBudgets(budgetsOf({ json, stream, pick, churn, flush })),
    '',
    '## JSON: 1 KB there, 1 KB back',
    '',
    ...renderSamples(json, 'request'),
    '',
    '## Event streams',
    '',
    ...renderSamples(stream, 'chunk'),
    '',
    '## Selector, a million keys',
    '',
    ...markdownTable([
      ['step', 'ns'],
      ['pick, polling', pick.polling.toFixed(1)],
      ['pick, random', pick.random.toFixed(1)],
      ['switch a key in or out', pick.switching.toFixed(1)],
    ]),
    '',
    '## Records flushed beside requests',
    '',
    `- ${flush.recordsPerSecond.toFixed(0)} records a second; p99 of requests ${flush.flushingP99Ms.toFixed(2)} ms, without them ${flush.quietP99Ms.toFixed(2)} ms`,
    '',
    `## ${churn.keys} keys, ${churn.changesPerSecond} changes of state a second`,
    '',
    ...renderChurn(churn),
    '',
  ];
  return lines.join('\n');
}

/** The results as plain data: every round, and the medians and budgets made of them. */
export function reportData(results: BenchResults): object {
  const { json, stream } = results;
  return {
    ...results,
    json: Object.fromEntries(json),
    stream: Object.fromEntries(stream),
    budgets: budgetsOf(results).map((budget) => ({ ...budget, verdict: verdictOf(budget) })),
  };
}

function budgetsOf({
  json,
  stream,
  pick,
  churn,
  flush,
}: Omit<BenchResults, 'startedAt' | 'machine' | 'notes'>): Budget[] {
  return [
    { name: 'CPU per JSON request, against nginx', measured: cpuRatio(json, 'nginx'), limit: 3, unit: 'x' },
    { name: 'CPU per JSON request, against bare', measured: cpuRatio(json, 'bare'), limit: 1.25, unit: 'x' },
    {
      name: 'CPU per JSON request, against no journal',
      measured: cpuRatio(json, 'unrecorded'),
      limit: 1.08,
      unit: 'x',
    },
    { name: 'CPU per SSE chunk, against bare', measured: cpuRatio(stream, 'bare'), limit: 1.3, unit: 'x' },
    { name: 'pick at a million keys, polling', measured: pick.polling, limit: 100, unit: ' ns' },
    { name: 'pick at a million keys, random', measured: pick.random, limit: 100, unit: ' ns' },
    { name: 'switch at a million keys', measured: pick.switching, limit: 100, unit: ' ns' },
    { name: 'CPU per request while keys change, against calm', measured: churnRatio(churn), limit: 1.1, unit: 'x' },
    {
      name: 'p99 while records are flushed, beyond calm',
      measured: flush.flushingP99Ms - flush.quietP99Ms,
      limit: 5,
      unit: ' ms',
    },
    { name: 'memory after keys have changed, against before', measured: growth(churn), limit: 1.1, unit: 'x' },
  ];
}

function cpuRatio(samples: Samples, base: TargetName): number {
  const cpuOf = (name: TargetName): number[] => (samples.get(name) ?? []).map(({ cpuUsPerUnit }) => cpuUsPerUnit);
  return medianRatio(cpuOf('keymux'), cpuOf(base));
}

function verdictOf({ measured, limit }: Budget): string {
  if (Number.isNaN(measured)) return 'not measured';
  return measured <= limit ? 'inside' : 'OUTSIDE';
}

function renderBudgets(budgets: readonly Budget[]): string[] {
  return markdownTable([
    ['budget', 'limit', 'measured', 'verdict'],
    ...budgets.map((budget) => {
      const { name, measured, limit, unit } = budget;
      const digits = unit === 'x' ? 2 : 1;
      return [
        name,
        `${limit}${unit}`,
        Number.isNaN(measured) ? '-' : `${measured.toFixed(digits)}${unit}`,
        verdictOf(budget),
      ];
    }),
  ]);
}

function renderSamples(samples: Samples, unit: string): string[] {
  const head = [
    'gateway',
    'requests/s',
    'p50 ms',
    'p99 ms',
    `CPU us/${unit}`,
    'core used',
    'RSS MB',
    'keymux : it, CPU',
  ];
  const rows = [...samples].map(([name, rounds]) => {
    const middle = (valueOf: (sample: Sample) => number): number => median(rounds.map(valueOf));
    const speed = [
      NAMES[name],
      middle((sample) => sample.requestsPerSecond).toFixed(0),
      middle((sample) => sample.p50Ms).toFixed(2),
      middle((sample) => sample.p99Ms).toFixed(2),
    ];
    if (name === 'direct') return [...speed, '-', '-', '-', '-'];
    return [
      ...speed,
      middle((sample) => sample.cpuUsPerUnit).toFixed(1),
      `${(100 * middle((sample) => sample.coreShare)).toFixed(0)} %`,
      (middle((sample) => sample.rssBytes) / BYTES_PER_MEGABYTE).toFixed(0),
      name === 'keymux' ? '-' : `${cpuRatio(samples, name).toFixed(2)}x`,
    ];
  });
  return markdownTable([head, ...rows]);
}

function renderChurn(churn: ChurnCost): string[] {
  const rows = [churn.calm, churn.churning].map((rounds, place) => [
    place === 0 ? 'calm' : 'changing',
    median(rounds.map((sample) => sample.requestsPerSecond)).toFixed(0),
    median(rounds.map((sample) => sample.p99Ms)).toFixed(2),
    median(rounds.map((sample) => sample.cpuUsPerRequest)).toFixed(1),
    (median(rounds.map((sample) => sample.rssBytes)) / BYTES_PER_MEGABYTE).toFixed(0),
  ]);
  const { before, after } = churn.rssBytes;
  return [
    ...markdownTable([['keys', 'requests/s', 'p99 ms', 'CPU us/request', 'RSS MB'], ...rows]),
    '',
    `- Half of the changes by rate limits, half by calls of an admin, which alone take ${(100 * churn.churnCoreShare).toFixed(1)} % of a core`,
    `- Ratio of CPU per request: ${churnRatio(churn).toFixed(3)} without those calls, ${churnRatio(churn, 0).toFixed(3)} with them`,
    `- RSS ${(before / BYTES_PER_MEGABYTE).toFixed(0)} MB after the warm-up, ${(after / BYTES_PER_MEGABYTE).toFixed(0)} MB at the end`,
  ];
}

function markdownTable(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map(
    (row) => `| ${widths.map((width, column) => (row[column] ?? '').padEnd(width)).join(' | ')} |`,
  );
  return [...lines.slice(0, 1), `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`, ...lines.slice(1)];
}
