import CliTable from 'cli-table3';
import { setTimeout as sleep } from 'node:timers/promises';
import { Commands } from '../../src/live/commands.ts';
import { count, readInfo } from '../../src/live/info.ts';
import { launch, removeFolder, temporaryFolder } from '../../src/live/launch.ts';
import { loopback } from '../../src/live/address.ts';
import { Connection } from '../../src/live/connection.ts';
import { serverBinary } from '../../src/live/server-binary.ts';
import { nearestProfile } from '../../src/live/identify.ts';
import { Random } from '../../src/random.ts';
import { DEFAULT_SETTINGS } from '../../src/replay/defaults.ts';
import type { Cell } from '../../src/replay/cell.ts';
import { copiedPages } from '../../src/sizing/copy-on-write.ts';
import { GET, SET } from '../../src/trace/operations.ts';
import { allocateTrace, type Trace } from '../../src/trace/trace.ts';
import { encodeTtl, NO_TTL } from '../../src/trace/ttl.ts';

// Copy-on-write of a real BGSAVE beside the model: `npm run copy-on-write [redis-server] [workload]`.
const PIPELINE = 16;
const LOAD_PIPELINE = 256;
const CHILD_SECONDS = 6;
const STEPS = 64;
/** What usleep takes on top of what it is asked for, about. */
const SLEEP_OVERHEAD_US = 60;

interface Workload {
  readonly name: string;
  readonly keys: number;
  readonly valueBytes: (random: Random) => number;
  readonly key: (random: Random, keys: number) => number;
  readonly writes: number;
  readonly churn?: number;
  readonly op?: number;
  readonly ttl?: number;
  readonly maxmemory?: number;
}

const uniform: Workload['key'] = (random, keys) => random.below(keys);
/** Skewed: about 1/rank over permuted keys. */
const skewed: Workload['key'] = (random, keys) => {
  const rank = Math.floor(keys ** random.float()) - 1;
  return (rank * 7919) % keys;
};
const fixed = (bytes: number) => (): number => bytes;
const between = (low: number, high: number) => (random: Random) => low + random.below(high - low);

const WORKLOADS: readonly Workload[] = [
  {
    name: 'overwrite 100 B, few',
    keys: 300_000,
    valueBytes: fixed(100),
    key: uniform,
    writes: 2000,
  },
  {
    name: 'overwrite 100 B, many',
    keys: 300_000,
    valueBytes: fixed(100),
    key: uniform,
    writes: 10_000,
  },
  {
    name: 'overwrite 100 B, skewed',
    keys: 300_000,
    valueBytes: fixed(100),
    key: skewed,
    writes: 20_000,
  },
  { name: 'overwrite 20 B', keys: 400_000, valueBytes: fixed(20), key: uniform, writes: 3000 },
  {
    name: 'overwrite 50-1000 B',
    keys: 100_000,
    valueBytes: between(50, 1000),
    key: uniform,
    writes: 4000,
    churn: 100_000,
  },
  {
    name: 'overwrite 100 B, TTL',
    keys: 300_000,
    valueBytes: fixed(100),
    key: uniform,
    writes: 2000,
    ttl: 86_400_000,
  },
  { name: 'overwrite 1 kB', keys: 100_000, valueBytes: fixed(1000), key: uniform, writes: 3000 },
  { name: 'overwrite 10 kB', keys: 20_000, valueBytes: fixed(10_000), key: uniform, writes: 5000 },
  { name: 'overwrite 40 kB', keys: 8000, valueBytes: fixed(40_000), key: uniform, writes: 2000 },
  {
    name: 'insert, evict 100 B',
    keys: 1_000_000,
    valueBytes: fixed(100),
    key: uniform,
    writes: 2000,
    churn: 600_000,
    maxmemory: 60 << 20,
  },
  {
    name: 'insert, evict 50-1000 B',
    keys: 400_000,
    valueBytes: between(50, 1000),
    key: uniform,
    writes: 2500,
    churn: 300_000,
    maxmemory: 80 << 20,
  },
  {
    name: 'look-aside 200 B, skewed',
    keys: 800_000,
    valueBytes: fixed(200),
    key: skewed,
    writes: 15_000,
    churn: 800_000,
    maxmemory: 30 << 20,
    op: GET,
  },
];

const [binaryName = 'redis-server', only = ''] = process.argv.slice(2);
const binary = await serverBinary(binaryName);
const { profile } = nearestProfile(binary.flavour, binary.version);
const folder = temporaryFolder();
const table = new CliTable({
  head: ['workload', 'keys', 'used memory', 'fork alone', 'copied', 'model', 'difference'],
  style: { head: [], border: [], compact: true },
  colAligns: ['left', 'right', 'right', 'right', 'right', 'right', 'right'],
});
for (const workload of WORKLOADS.filter(({ name }) => name.includes(only))) {
  table.push(await compare(workload));
  console.error(String(table).split('\n').at(-2));
}
removeFolder(folder);
console.log(`${binary.flavour} ${binary.version}, copied pages in KiB\n${table.toString()}`);

/** Every key once if there is no limit, then writes that shuffle, then those of the child's life. */
function traceOf(workload: Workload): { trace: Trace; forkRow: number } {
  const { keys, valueBytes, key, writes, churn = 0, ttl, maxmemory, op = SET } = workload;
  const random = new Random(1, 'copy-on-write');
  const loads = maxmemory === undefined ? keys : 0;
  const rows = loads + churn + writes;
  const trace = allocateTrace(workload.name, rows, keys);
  trace.keyBytes.fill(16);
  for (let row = 0; row < rows; row++) {
    trace.times[row] = Math.floor(row / 20);
    trace.ops[row] = row < loads ? SET : op;
    trace.keys[row] = row < loads ? row : key(random, keys);
    trace.valueBytes[row] = valueBytes(random);
    trace.ttls[row] = ttl === undefined ? NO_TTL : encodeTtl(ttl);
  }
  return { trace, forkRow: loads + churn };
}

async function compare(workload: Workload): Promise<string[]> {
  const { trace, forkRow } = traceOf(workload);
  const { maxmemory = 0 } = workload;
  const cell: Cell = {
    ...DEFAULT_SETTINGS,
    workload: workload.name,
    server: profile.name,
    allocator: 'jemalloc-q16',
    policy: 'allkeys-lru',
    maxmemoryBytes: maxmemory,
    seed: 1,
    warmupRows: 0,
    timelineIntervalMs: 0,
  };
  const server = await launch(
    binary,
    { name: `s${forkRow}${workload.name.replace(/\W/g, '')}`, folder, port: undefined },
    new AbortController().signal,
  );
  try {
    const connection = await Connection.open(loopback(server.port));
    const commands = new Commands(trace, '');
    await connection.ask('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru');
    await connection.ask('CONFIG', 'SET', 'maxmemory', String(maxmemory));
    await send(connection, commands, trace, { from: 0, to: forkRow }, LOAD_PIPELINE);
    const keys = Number(await connection.ask('DBSIZE'));
    const delay = Math.max(1, Math.round((CHILD_SECONDS * 1e6) / keys) - SLEEP_OVERHEAD_US);
    await connection.ask('CONFIG', 'SET', 'rdb-key-save-delay', String(delay));
    // First children during whose life nothing is written. While the first lives, the parent gives freed tables back to
    // the system, and the child's share of them counts as copied.
    await childWithWrites(connection, () => sleep(100));
    const started = performance.now();
    const forkAlone = await childWithWrites(connection, () => sleep(100));
    const lifeMs = performance.now() - started;
    const info = await readInfo(connection);
    // Then one with writes, spread over a little more than its life: it may take another time than the first.
    const born = performance.now();
    let sent = forkRow;
    const copied = await childWithWrites(connection, async (step) => {
      if (step > STEPS) return sleep(20);
      await sleep(Math.max(0, born + (1.1 * lifeMs * step) / STEPS - performance.now()));
      const to = forkRow + Math.floor(((trace.rows - forkRow) * step) / STEPS);
      await send(connection, commands, trace, { from: sent, to }, PIPELINE);
      sent = to;
    });
    connection.close();
    const [model] = copiedPages(trace, cell, [{ from: forkRow, to: sent }], 4096);
    const kib = (bytes: number): string => Math.round(bytes / 1024).toLocaleString('en-US');
    const modelled = model.bytes + forkAlone;
    return [
      workload.name,
      keys.toLocaleString('en-US'),
      kib(count(info, 'used_memory')),
      kib(forkAlone),
      kib(copied),
      kib(modelled),
      `${((modelled / copied - 1) * 100).toFixed(1)} %`,
    ];
  } finally {
    await server.stop();
  }
}

/** Bytes a child reported at its end; `write` is called over and over while it lives. */
async function childWithWrites(
  connection: Connection,
  write: (step: number) => Promise<void>,
): Promise<number> {
  await connection.ask('BGSAVE');
  for (let step = 1; ; step++) {
    const info = await readInfo(connection);
    if (info.get('rdb_bgsave_in_progress') === '0') return count(info, 'rdb_last_cow_size');
    await write(step);
  }
}

/** Rows of the trace in batches; a GET that misses is followed by its SET. */
async function send(
  connection: Connection,
  commands: Commands,
  trace: Trace,
  { from, to }: { from: number; to: number },
  pipeline: number,
): Promise<void> {
  for (let row = from; row < to; row += pipeline) {
    const rows = Array.from({ length: Math.min(pipeline, to - row) }, (_, i) => row + i);
    const replies = await connection.batch(rows.map((one) => commands.of(one)));
    const misses = rows.filter((one, i) => trace.ops[one] === GET && replies[i] === null);
    await connection.batch(misses.map((one) => commands.set(one)));
  }
}
