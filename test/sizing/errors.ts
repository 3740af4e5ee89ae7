import CliTable from 'cli-table3';
import { DEFAULT_SETTINGS } from '../../src/replay/defaults.ts';
import type { Cell } from '../../src/replay/cell.ts';
import { plan } from '../../src/replay/plan.ts';
import { Workers } from '../../src/replay/pool.ts';
import { estimate, HIT_RATIO } from '../../src/sizing/point.ts';
import { Simulator } from '../../src/sizing/simulator.ts';
import type { Trace } from '../../src/trace/trace.ts';
import { generate } from '../../src/workload/generate.ts';
import { loadWorkload } from '../../src/workload/load.ts';

// Prints miniatures beside whole runs: `npm run sizing:errors [requests [server [workload …]]]`.
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
/** What a user would look at, and what it is compared with. */
const POINTS = 8 * 16;

const requests = Number(process.argv[2] ?? 1_000_000);
const server = process.argv[3] ?? 'redis-8.6';
const names = process.argv.slice(4);

interface Compared {
  readonly cell: Cell;
  /** Points of hit ratio. */
  readonly error: number;
  readonly halfWidth: number;
  readonly refuses: boolean;
}

const table = new CliTable({
  head: [
    'workload',
    'keys',
    '1 in',
    'cells',
    'refuse',
    'error',
    '|error|',
    'worst',
    'at',
    '± 95 %',
    'covered',
    'cost',
  ],
  style: { head: [], border: [], compact: true },
  colAligns: [
    'left',
    ...Array<'right'>(7).fill('right'),
    'left',
    ...Array<'right'>(3).fill('right'),
  ],
});
const workers = new Workers({ jobs: 1 });
const all: Compared[] = [];
for (const name of names.length === 0 ? WORKLOADS : names) {
  const trace = generate(await loadWorkload(name, { requests }));
  const { compared, weights, cost } = await compare(trace);
  all.push(...compared);
  table.push([
    name,
    trace.keyCount.toLocaleString('en-US'),
    weights.length === 1 ? weights[0] : `${weights[0]}–${weights[weights.length - 1]}`,
    ...summary(compared),
    cost.toFixed(1),
  ]);
  console.error(name, weights.join(), summary(compared).join(' '), cost.toFixed(1));
}
table.push(['all', '', '', ...summary(all), '']);
await workers.end();
console.log(
  `${server}, ${requests.toLocaleString('en-US')} requests, half of them warm-up, at ${SHARES.map((s) => 100 * s).join(', ')} % of what holds everything; ` +
    `errors in points of hit ratio; cost of ${POINTS} such points, in whole runs (CPU)`,
);
console.log(table.toString());

async function compare(
  trace: Trace,
): Promise<{ compared: Compared[]; weights: number[]; cost: number }> {
  const warmupRows = trace.rows / 2;
  const { signal } = new AbortController();
  const options = { workers, signal, seed: 1, warmupRows };
  const simulator = new Simulator(trace, { ...options, exact: false });
  const cells = plan([trace], {
    servers: [server],
    allocator: undefined,
    policies: ['all'],
    maxmemory: [{ kind: 'bytes', bytes: 0, text: '0' }],
    seeds: [1],
    settings: DEFAULT_SETTINGS,
    warmupRows: () => warmupRows,
    timelineIntervalMs: () => 0,
  })
    .map(({ cell }) => cell)
    .filter(({ policy }) => simulator.facts.hasTtl || !policy.startsWith('volatile-'));
  const fixed = await simulator.fixedBytes(cells[0]);
  const { peakBytes } = (await simulator.unlimited(cells[0]))!;
  const sized = SHARES.flatMap((share) =>
    cells.map((cell) => ({
      ...cell,
      maxmemoryBytes: Math.round(fixed + share * (peakBytes - fixed)),
    })),
  );
  const points = await simulator.run(sized);
  const sampled = points.map((point) => point!).filter(({ weight }) => weight > 1);
  const wanted = sampled.map(({ cell }) => cell);
  // Without what is needed once, and as many as a user's, since a new thread is slow at first: a byte more is as much work.
  const rounds = Math.ceil(POINTS / wanted.length);
  const others = Array.from({ length: rounds }, (_, i) =>
    wanted.map((cell) => ({ ...cell, maxmemoryBytes: cell.maxmemoryBytes + 1 + i })),
  ).flat();
  const miniatureMs = await cpuMs(() => simulator.run(others));
  let truths: Awaited<ReturnType<Simulator['runWhole']>>;
  const wholeMs = await cpuMs(async () => {
    truths = await simulator.runWhole(wanted);
  });
  const compared = sampled.map((point, i): Compared => {
    const { mean, halfWidth } = estimate(point, HIT_RATIO, simulator.facts)!;
    const truth = estimate(truths![i], HIT_RATIO, simulator.facts)!.mean;
    return {
      cell: point.cell,
      error: 100 * (mean - truth),
      halfWidth: 100 * halfWidth!,
      refuses: false,
    };
  });
  const refusing = points.length - sampled.length;
  const rest = Array.from({ length: refusing }, (): Compared => ({
    cell: cells[0],
    error: 0,
    halfWidth: 0,
    refuses: true,
  }));
  return {
    compared: [...compared, ...rest],
    weights: [...new Set(sampled.map(({ weight }) => weight))].sort((a, b) => a - b),
    cost: (POINTS / rounds) * (miniatureMs / wholeMs),
  };
}

async function cpuMs(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** From `cells` to `covered`, without the cells that refuse writes: they are run whole. */
function summary(cells: readonly Compared[]): string[] {
  const sampled = cells.filter(({ refuses }) => !refuses);
  const mean = (of: (cell: Compared) => number): number =>
    sampled.reduce((sum, cell) => sum + of(cell), 0) / sampled.length;
  const worst = sampled.reduce((a, b) => (Math.abs(b.error) > Math.abs(a.error) ? b : a));
  const covered = sampled.filter(({ error, halfWidth }) => Math.abs(error) <= halfWidth).length;
  return [
    String(sampled.length),
    String(cells.length - sampled.length),
    mean(({ error }) => error).toFixed(3),
    mean(({ error }) => Math.abs(error)).toFixed(3),
    worst.error.toFixed(3),
    worst.cell.policy,
    mean(({ halfWidth }) => halfWidth).toFixed(2),
    `${((100 * covered) / sampled.length).toFixed(0)} %`,
  ];
}
