import { execFileSync } from 'node:child_process';
import Table from 'cli-table3';
import { median } from 'simple-statistics';
import { environmentOf } from '../../src/bench/environment.ts';
import { footprintBytes } from '../../src/engine/footprint.ts';
import type { Cell } from '../../src/replay/cell.ts';
import { DEFAULT_SETTINGS } from '../../src/replay/defaults.ts';
import { runCell } from '../../src/replay/replay.ts';
import { PLAIN_TABLE } from '../../src/report/plain-table.ts';
import { serverNamed } from '../../src/servers/registry.ts';
import type { Trace } from '../../src/trace/trace.ts';
import { generate } from '../../src/workload/generate.ts';
import { parseWorkload } from '../../src/workload/parse.ts';
import { rooflineOf } from './roofline.ts';

// How fast the engine is, beside the least any engine must do: docs/performance.md. Takes the number of requests in
// millions (default 10). Each figure is taken in a process of its own, as a policy's types slow down another's code;
// that process is this program again, with the policy, the room and the server.
const REPEATS = 3;
const KEYS = 1_000_000;
/** So few that the shortest traces ask for most of them as well: the working set is the same. */
const FEW_KEYS = 100_000;
const SAMPLES = 5;
const millions = Number(process.argv[2] ?? 10);

function workload(requests: number, withTtl: boolean, keys = KEYS): Trace {
  const ttl = withTtl ? 'ttl: { distribution: fixed, value: 10d }\n' : '';
  const text = `seed: 1
requests: ${requests}
keys: { count: ${keys} }
popularity: { distribution: zipf, exponent: 1 }
values: { distribution: fixed, value: 100 }
${ttl}`;
  return generate(parseWorkload(text, 'zipf 1.0', 'performance'));
}

function cellOf(trace: Trace, server: string, policy: string, share: number): Cell {
  const profile = serverNamed(server);
  const allocator = profile.defaultAllocator;
  const empty = profile.startupMemoryBytes(allocator) + profile.idleClientBytes(allocator);
  const maxmemoryBytes = empty + Math.round(share * footprintBytes(trace, profile, allocator));
  const names = { workload: trace.name, server, allocator, policy };
  return {
    ...DEFAULT_SETTINGS,
    ...names,
    maxmemoryBytes,
    maxmemorySamples: SAMPLES,
    seed: 1,
    warmupRows: 0,
    timelineIntervalMs: 0,
  };
}

/** Seconds of CPU that `work` takes. */
function cpuSeconds(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

/** Keys that an eviction of the policy looks at. */
const samplesOf = (policy: string): number =>
  policy === 'noeviction' || policy === 'lru' ? 0 : policy === 'allkeys-random' ? 1 : SAMPLES;

/** Millions of requests per CPU-second. */
interface Figures {
  readonly engine: number;
  readonly overlapping: number;
  readonly dependent: number;
}

/** The engine and its rooflines, measured in turns: medians. */
function measure(trace: Trace, cell: Cell): Figures {
  const { hits, misses, oomErrors, evictedKeys, keys } = runCell(trace, cell);
  const counts = {
    hits,
    insertions: misses - oomErrors,
    evictions: evictedKeys,
    samples: samplesOf(cell.policy),
    residents: keys,
    areVolatile: cell.policy.startsWith('volatile'),
    areInRing: cell.policy === 'lru',
  };
  const overlapping = rooflineOf(trace, counts, 'overlapping');
  const dependent = rooflineOf(trace, counts, 'dependent');
  const rate = (work: () => unknown): number => trace.rows / cpuSeconds(() => void work()) / 1e6;
  overlapping();
  dependent();
  const turns = Array.from({ length: REPEATS }, () => ({
    engine: rate(() => runCell(trace, cell)),
    overlapping: rate(overlapping),
    dependent: rate(dependent),
  }));
  return {
    engine: median(turns.map(({ engine }) => engine)),
    overlapping: median(turns.map((turn) => turn.overlapping)),
    dependent: median(turns.map((turn) => turn.dependent)),
  };
}

const RUNS = [
  ['allkeys-lru', [0.01, 0.1, 0.5]],
  ['allkeys-lfu', [0.1]],
  ['volatile-ttl', [0.1]],
  ['allkeys-random', [0.1]],
  ['noeviction', [0.1]],
  ['lru', [0.1]],
] as const;
const SERVERS = ['redis-7.0', 'valkey-9.1'] as const;

/** Text columns on the left, figures on the right. */
function print(
  head: readonly string[],
  texts: number,
  lines: readonly (readonly string[])[],
): void {
  const colAligns = head.map((_, column) => (column < texts ? 'left' : 'right'));
  const table = new Table({ ...PLAIN_TABLE, head: [...head], colAligns });
  table.push(...lines.map((line) => [...line]));
  console.log(table.toString());
}

const percent = (share: number): string => `${Math.round(share * 100)} %`;

const which = process.argv.slice(3);
if (which.length > 0) {
  const [policy, share, server] = which;
  const trace = workload(millions * 1e6, policy.startsWith('volatile'));
  console.log(JSON.stringify(measure(trace, cellOf(trace, server, policy, Number(share)))));
} else {
  reportAll();
}

function measuredApart(...which: readonly string[]): Figures {
  const args = [import.meta.filename, String(millions), ...which];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as Figures;
}

function reportAll(): void {
  const { cpu, node, commit } = environmentOf(`${import.meta.dirname}/../../..`);
  console.log(`${cpu}, Node ${node}, commit ${commit}`);
  console.log(
    `Zipf 1.0, ${millions} M look-aside requests over ${KEYS / 1e6} M keys of 100 bytes.`,
  );
  const generation = cpuSeconds(() => void workload(millions * 1e6, false));
  const rate = (millions / generation).toFixed(1);
  console.log(`Generated at ${rate} M requests per CPU-second.\n`);
  const rows = RUNS.flatMap(([name, shares]) =>
    shares.flatMap((room) =>
      SERVERS.map((of) => {
        const { engine, overlapping, dependent } = measuredApart(name, String(room), of);
        const shares = [overlapping, dependent].map((roofline) => [
          roofline.toFixed(1),
          (engine / roofline).toFixed(2),
        ]);
        return [name, percent(room), of, engine.toFixed(2), ...shares.flat()];
      }),
    ),
  );
  const rooflines = ['overlapping', 'of it', 'dependent', 'of it'];
  print(['policy', 'room', 'server', 'M requests/CPU-s', ...rooflines], 3, rows);

  console.log(
    `\nHow the time grows with the requests (allkeys-lru, 10 % of ${FEW_KEYS / 1000} K keys):`,
  );
  const traces = [0.1, 0.2, 0.5, 1].map((part) => workload(part * millions * 1e6, false, FEW_KEYS));
  const cell = cellOf(traces[traces.length - 1], 'redis-7.0', 'allkeys-lru', 0.1);
  for (const trace of traces) runCell(trace, cell);
  // In turns, like everything here: the machine's speed changes.
  const turns = Array.from({ length: REPEATS }, () =>
    traces.map((trace) => cpuSeconds(() => void runCell(trace, cell))),
  );
  const growth = traces.map(({ rows }, i) => {
    const seconds = median(turns.map((turn) => turn[i]));
    return [`${rows / 1e6} M`, seconds.toFixed(2), ((seconds / rows) * 1e9).toFixed(0)];
  });
  print(['requests', 'CPU-s', 'ns/request'], 0, growth);
}
