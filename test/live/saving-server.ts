import { setTimeout as sleep } from 'node:timers/promises';
import { Commands } from '../../src/live/commands.ts';
import { count, readInfo } from '../../src/live/info.ts';
import { launch } from '../../src/live/launch.ts';
import { loopback } from '../../src/live/address.ts';
import { Connection } from '../../src/live/connection.ts';
import type { ServerBinary } from '../../src/live/server-binary.ts';
import { identify } from '../../src/live/identify.ts';
import { Random } from '../../src/random.ts';
import { DEFAULT_SETTINGS } from '../../src/replay/defaults.ts';
import type { Cell } from '../../src/replay/cell.ts';
import { copiedPages, SMALL_PAGE_BYTES } from '../../src/sizing/copy-on-write.ts';
import { GET, SET } from '../../src/trace/operations.ts';
import { allocateTrace, type Trace } from '../../src/trace/trace.ts';
import { encodeTtl, NO_TTL } from '../../src/trace/ttl.ts';

const PIPELINE = 16;
const LOAD_PIPELINE = 256;
const POLICY = 'allkeys-lru';
const STEPS = 64;
/** What is left of the values that are sent, which are one letter over and over. */
const COMPRESSED_SHARE = 0.02;
/** What usleep takes on top of what it is asked for, about. */
const SLEEP_OVERHEAD_US = 60;

/** Writes to a server, before and while it saves. */
export interface Workload {
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

export const uniform: Workload['key'] = (random, keys) => random.below(keys);
/** Skewed: about 1/rank over permuted keys. */
export const skewed: Workload['key'] = (random, keys) => {
  const rank = Math.floor(keys ** random.float()) - 1;
  return (rank * 7919) % keys;
};
export const fixed = (bytes: number) => (): number => bytes;
export const between = (low: number, high: number) => (random: Random) =>
  low + random.below(high - low);

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

/** A save during writes, on a server and as modelled; sizes in bytes. */
export interface ObservedSave {
  readonly keys: number;
  readonly usedBytes: number;
  readonly rssBytes: number;
  /** Reported by a child while nothing was written. */
  readonly aloneBytes: number;
  /** Reported by the child under the workload. */
  readonly copiedBytes: number;
  /** The same as modelled: pages of the workload, and a child alone. */
  readonly modelledBytes: number;
}

/** Runs a workload on a server of its own and lets it save meanwhile, for about `childSeconds`. */
export async function observeSave(
  binary: ServerBinary,
  folder: string,
  workload: Workload,
  childSeconds: number,
): Promise<ObservedSave> {
  const { trace, forkRow } = traceOf(workload);
  const { maxmemory = 0 } = workload;
  const name = workload.name.replaceAll(/\W/g, '-');
  const signal = new AbortController().signal;
  const server = await launch(binary, { name, folder, port: undefined }, signal);
  try {
    const connection = await Connection.open(loopback(server.port));
    const silently = (): void => undefined;
    const empty = await readInfo(connection);
    const { profile, allocator } = await identify(connection, empty, 'probe', silently);
    const commands = new Commands(trace, '');
    await connection.ask('CONFIG', 'SET', 'maxmemory-policy', POLICY);
    await connection.ask('CONFIG', 'SET', 'maxmemory', String(maxmemory));
    await send(connection, commands, trace, { from: 0, to: forkRow }, LOAD_PIPELINE);
    const keys = Number(await connection.ask('DBSIZE'));
    await connection.ask(
      'CONFIG',
      'SET',
      'rdb-key-save-delay',
      saveDelay((childSeconds * 1e6) / keys),
    );
    // First children during whose life nothing is written. While the first lives, the parent gives freed tables back to
    // the system, and the child's share of them counts as copied.
    await childWithWrites(connection, () => sleep(100));
    const started = performance.now();
    const aloneBytes = await childWithWrites(connection, () => sleep(100));
    const lifeMs = performance.now() - started;
    const info = await readInfo(connection);
    // Then one with writes, spread over a little more than its life: it may take another time than the one before.
    const born = performance.now();
    let sent = forkRow;
    const copiedBytes = await childWithWrites(connection, async (step) => {
      if (step > STEPS) return sleep(20);
      await sleep(Math.max(0, born + (1.1 * lifeMs * step) / STEPS - performance.now()));
      const to = forkRow + Math.floor(((trace.rows - forkRow) * step) / STEPS);
      await send(connection, commands, trace, { from: sent, to }, PIPELINE);
      sent = to;
    });
    const diedMs = performance.now();
    connection.close();
    const cell: Cell = {
      ...DEFAULT_SETTINGS,
      workload: workload.name,
      server: profile.name,
      allocator,
      policy: POLICY,
      maxmemoryBytes: maxmemory,
      seed: 1,
      warmupRows: 0,
      timelineIntervalMs: 0,
    };
    const lives = [
      { from: forkRow, to: forkRow, lifeMs },
      { from: forkRow, to: sent, lifeMs: diedMs - born },
    ];
    const compressed = { compressedShare: COMPRESSED_SHARE };
    const [alone, model] = copiedPages(trace, cell, lives, SMALL_PAGE_BYTES, compressed);
    return {
      keys,
      usedBytes: count(info, 'used_memory'),
      rssBytes: count(info, 'used_memory_rss'),
      aloneBytes,
      copiedBytes,
      // What a child does alone is measured; the model knows it in part.
      modelledBytes: model.bytes - alone.bytes + aloneBytes,
    };
  } finally {
    await server.stop();
  }
}

/** The `rdb-key-save-delay` with which a key takes this long. */
function saveDelay(keyUs: number): string {
  const delayUs = Math.round(keyUs - SLEEP_OVERHEAD_US);
  if (delayUs >= 1) return String(delayUs);
  // -n: the shortest sleep, at one key in n.
  return String(-Math.max(2, Math.round(SLEEP_OVERHEAD_US / keyUs)));
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
