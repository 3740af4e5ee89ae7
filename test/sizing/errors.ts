import CliTable from 'cli-table3';
import { DEFAULT_SETTINGS } from '../../src/replay/defaults.ts';
import type { Cell } from '../../src/replay/cell.ts';
import { plan } from '../../src/replay/plan.ts';
import { Workers } from '../../src/replay/pool.ts';
import { estimate, HIT_RATIO, type CurvePoint } from '../../src/sizing/point.ts';
import { Simulator } from '../../src/sizing/simulator.ts';
import type { Trace } from '../../src/trace/trace.ts';
import { generate } from '../../src/workload/generate.ts';
import { loadWorkload } from '../../src/workload/load.ts';
import { wholeRuns, type WholeRun } from './whole-runs.ts';

// Prints estimates beside whole runs: `npm run sizing:errors [requests [server [workload …]]]`. With the environment variable
// WHOLE_RUNS the whole runs are kept in that folder.
const WORKLOADS = [
  'zipf-0.6',
  'zipf-0.99',
  'zipf-1.2',
  'uniform',
  'scan-polluted',
  'shifting',
  'growth',
  'flash-crowd',
  'facebook-etc',
  'ycsb-a',
  'mixed-ttl',
  'cache-and-queue',
  'session-store',
  'diurnal',
  'write-heavy-short-ttl',
  'twitter-cluster-29',
];
/** Of the memory that holds everything. */
const SHARES = [0.05, 0.15, 0.4, 0.75];
/** What a user would look at, for the cost: the policies of every version since 4.0, from the least of these sizes to the largest. */
const POLICIES = [
  'allkeys-lru',
  'allkeys-lfu',
  'allkeys-random',
  'volatile-lru',
  'volatile-lfu',
  'volatile-random',
  'volatile-ttl',
  'noeviction',
];
const SIZES = Array.from({ length: 16 }, (_, i) => 0.05 * 15 ** (i / 15));

const requests = Number(process.argv[2] ?? 1_000_000);
const server = process.argv[3] ?? 'redis-8.6';
const names = process.argv.slice(4);

type Kind = 'sampled' | 'counted' | 'whole';

interface Compared {
  readonly cell: Cell;
  readonly kind: Kind;
  /** Points of hit ratio. */
  readonly error: number;
  readonly halfWidth: number;
}

const columns = ['workload', 'keys', '1 in', 'sampled', 'counted', 'whole', 'error', '|error|'];
const more = ['worst', 'at', '± 95 %', 'covered', 'counted worst', 'cost'];
const table = new CliTable({
  head: [...columns, ...more],
  style: { head: [], border: [], compact: true },
  colAligns: [...columns, ...more].map((name) =>
    name === 'workload' || name === 'at' ? 'left' : 'right',
  ),
});
const workers = new Workers({ jobs: 1 });
const { signal } = new AbortController();
const all: Compared[] = [];
for (const name of names.length === 0 ? WORKLOADS : names) {
  const trace = generate(await loadWorkload(name, { requests }));
  const { compared, weights, cost } = await compare(trace);
  all.push(...compared);
  const row = [
    name,
    trace.keyCount.toLocaleString('en-US'),
    weights.length === 1 ? weights[0] : `${weights[0]}–${weights[weights.length - 1]}`,
    ...summary(compared),
    cost.toFixed(1),
  ];
  table.push(row);
  console.error(row.join(' '));
}
table.push(['all', '', '', ...summary(all), '']);
await workers.end();
console.log(
  `${server}, ${requests.toLocaleString('en-US')} requests, half of them warm-up, at ${SHARES.map((s) => 100 * s).join(', ')} % of what holds everything; ` +
    `errors in points of hit ratio, of what is sampled; cost of ${POLICIES.length} policies at ${SIZES.length} sizes from 5 to 75 %, all that it takes, in whole runs (CPU)`,
);
console.log(table.toString());

async function compare(
  trace: Trace,
): Promise<{ compared: Compared[]; weights: number[]; cost: number }> {
  const simulator = simulatorOf(trace);
  const cells = cellsOf(trace, 'all').filter(
    ({ policy }) => simulator.facts.hasTtl || !policy.startsWith('volatile-'),
  );
  const sized = await atShares(simulator, cells, SHARES);
  const points = (await simulator.run(sized)).map((point) => point!);
  const truths = wholeRuns(trace, sized, process.env.WHOLE_RUNS);
  const compared = points.map((point, i) => comparedTo(truths[i], point, simulator));
  const ofPolicies = truths.filter(({ cell }) => POLICIES.includes(cell.policy));
  const wholeMs = ofPolicies.reduce((sum, { ms }) => sum + ms, 0) / ofPolicies.length;
  const weights = points.map(({ weight }) => weight).filter((weight) => weight > 1);
  return {
    compared,
    weights: [...new Set(weights)].sort((a, b) => a - b),
    cost: (await curvesMs(trace)) / wholeMs,
  };
}

/** CPU time of all curves from nothing but the trace: samples, the run without a limit, whatever is run whole. */
async function curvesMs(trace: Trace): Promise<number> {
  const before = process.cpuUsage();
  const simulator = simulatorOf(trace);
  const cells = cellsOf(trace, 'all').filter(({ policy }) => POLICIES.includes(policy));
  await simulator.run(await atShares(simulator, cells, SIZES));
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

function comparedTo(truth: WholeRun, point: CurvePoint, { facts }: Simulator): Compared {
  const { mean, halfWidth } = estimate(point, HIT_RATIO, facts)!;
  const error = 100 * (mean - truth.hits / (truth.hits + truth.misses));
  const isWhole = Math.abs(error) < 1e-9;
  const kind = point.weight > 1 ? 'sampled' : isWhole ? 'whole' : 'counted';
  return { cell: point.cell, kind, error, halfWidth: 100 * (halfWidth ?? 0) };
}

function simulatorOf(trace: Trace): Simulator {
  const warmupRows = trace.rows / 2;
  return new Simulator(trace, { workers, signal, seed: 1, warmupRows, exact: false });
}

function cellsOf(trace: Trace, policies: string): Cell[] {
  return plan([trace], {
    servers: [server],
    allocator: undefined,
    policies: [policies],
    maxmemory: [{ kind: 'bytes', bytes: 0, text: '0' }],
    seeds: [1],
    settings: DEFAULT_SETTINGS,
    warmupRows: () => trace.rows / 2,
    timelineIntervalMs: () => 0,
  }).map(({ cell }) => cell);
}

async function atShares(
  simulator: Simulator,
  cells: readonly Cell[],
  shares: readonly number[],
): Promise<Cell[]> {
  const fixed = await simulator.fixedBytes(cells[0]);
  const { peakBytes } = (await simulator.unlimited(cells[0]))!;
  return shares.flatMap((share) =>
    cells.map((cell) => ({
      ...cell,
      maxmemoryBytes: Math.round(fixed + share * (peakBytes - fixed)),
    })),
  );
}

/** From `sampled` to `counted worst`. */
function summary(cells: readonly Compared[]): string[] {
  const of = (kind: Kind): Compared[] => cells.filter((cell) => cell.kind === kind);
  const sampled = of('sampled');
  const mean = (value: (cell: Compared) => number): number =>
    sampled.reduce((sum, cell) => sum + value(cell), 0) / sampled.length;
  const covered = sampled.filter(({ error, halfWidth }) => Math.abs(error) <= halfWidth).length;
  return [
    String(sampled.length),
    String(of('counted').length),
    String(of('whole').length),
    mean(({ error }) => error).toFixed(3),
    mean(({ error }) => Math.abs(error)).toFixed(3),
    worstOf(sampled).error.toFixed(3),
    worstOf(sampled).cell.policy,
    mean(({ halfWidth }) => halfWidth).toFixed(2),
    `${((100 * covered) / sampled.length).toFixed(0)} %`,
    of('counted').length === 0 ? '' : worstOf(of('counted')).error.toFixed(3),
  ];
}

function worstOf(cells: readonly Compared[]): Compared {
  return cells.reduce((a, b) => (Math.abs(b.error) > Math.abs(a.error) ? b : a));
}
