import { median } from 'simple-statistics';
import { CopyOnWrite } from '../memory/fork.ts';
import { policyNamed } from '../policies/registry.ts';
import { Replay } from '../replay/batch.ts';
import { engineFor } from '../replay/replay.ts';
import type { Cell } from '../replay/cell.ts';
import { serverNamed } from '../servers/registry.ts';
import type { Trace } from '../trace/trace.ts';
import { KeyPages } from './key-pages.ts';
import { watched } from './watched-policy.ts';

export const SMALL_PAGE_BYTES = 4096;
/** What kernels before 5.8 copy at a write where transparent huge pages are on and the server leaves them on. */
export const HUGE_PAGE_BYTES = 2 ** 21;
/**
 * What a child saves in a second, in bytes of used_memory. Measured: 120 MB per CPU second of the child of Redis 7.0.15
 * with values of 100 bytes, 420 MB with 1,000, 850 MB with 10,000 (docs/ram.md); a slow disk takes longer.
 */
export const SNAPSHOT_BYTES_PER_SECOND = 100e6;

/** A child's life in rows of the trace: born before `from`, gone before `to`. */
export interface Child {
  readonly from: number;
  readonly to: number;
  /** How long it lives, if not as long as its rows take. */
  readonly lifeMs?: number;
}

/** What a child's life cost. */
export interface ChildCopies extends Child {
  /** Most bytes copied at a time. */
  readonly bytes: number;
  /** How many of them the child wrote itself. */
  readonly ownBytes: number;
  /** Values stored while it lived. */
  readonly storedValues: number;
}

const PROGRESS_STEPS = 64;

/**
 * Replays a trace on the server of a cell and counts the pages that its writes copy while each of `children` lives, in
 * their order. Small constant costs of a child are not in it (CHILD_BYTES of headroom.ts). `compressedShare`: what
 * compression leaves of a string; 0 without it.
 */
export function copiedPages(
  trace: Trace,
  cell: Cell,
  children: readonly Child[],
  pageBytes: number,
  { compressedShare = 1 } = {},
): ChildCopies[] {
  const profile = serverNamed(cell.server);
  const pages = new CopyOnWrite(pageBytes);
  const keyPages = new KeyPages(profile, cell.allocator, trace.keyBytes, pages);
  const policy = watched(policyNamed(cell.policy), trace, keyPages);
  const engine = engineFor(trace, cell, policy);
  const replay = new Replay(engine, trace, cell);
  const { counters } = engine.database;
  return children.map((child) => {
    replay.to(child.from);
    const storedBefore = counters.storedValues;
    pages.fork(child.lifeMs ?? livedMs(trace, child));
    keyPages.fork(compressedShare);
    // In steps, so that what the child has saved by then is known to within one.
    const rows = child.to - child.from;
    for (let step = 1; step <= PROGRESS_STEPS; step++) {
      replay.to(child.from + Math.floor((rows * step) / PROGRESS_STEPS));
      pages.progress(step / PROGRESS_STEPS);
    }
    return {
      ...child,
      bytes: pages.exit(),
      ownBytes: pages.ownBytes,
      storedValues: counters.storedValues - storedBefore,
    };
  });
}

/** A server at the end of a trace, and when it first was that full. */
export interface FullServer {
  /** To within a sixty-fourth of the trace; its middle at the latest, for a server that grows to the end. */
  readonly fullRow: number;
  /** Bytes of keys, values and tables. */
  readonly dataBytes: number;
  readonly keys: number;
  readonly volatileKeys: number;
}

/** A server counts as full from this share of its last data size on. */
const FULL = 0.95;

export function fullServer(trace: Trace, cell: Cell): FullServer {
  const engine = engineFor(trace, cell);
  const replay = new Replay(engine, trace, cell);
  const sizes: { row: number; bytes: number }[] = [];
  for (let step = 1; step <= PROGRESS_STEPS; step++) {
    const row = Math.floor((trace.rows * step) / PROGRESS_STEPS);
    replay.to(row);
    sizes.push({ row, bytes: engine.dataBytes });
  }
  const { dataBytes } = engine;
  const { main, expires } = engine.database.keyspace;
  const latest = Math.floor(trace.rows / 2);
  const full = sizes.find(({ bytes }) => bytes >= FULL * dataBytes)?.row ?? latest;
  return {
    fullRow: Math.min(full, latest),
    dataBytes,
    keys: main.size,
    volatileKeys: expires.size,
  };
}

/** What saves cost a full server. */
export interface SnapshotCosts {
  /** Median and greatest bytes copied over the children of the trace. */
  readonly typicalBytes: number;
  readonly worstBytes: number;
  /** Most values stored in the life of a child. */
  readonly storedValues: number;
  /** How many children lived. */
  readonly children: number;
  /** How long one takes, and how much of that the trace covers: 1, or less for a trace that is too short. */
  readonly lifeMs: number;
  readonly coverage: number;
}

/**
 * Lets one child after the other live through the trace from the row on at which the server is full, each as long as
 * saving the data takes. A trace that ends before the first is done gives what that one cost so far in proportion to
 * its life: too much rather than too little, as a page is copied once.
 */
export function snapshotCosts(
  trace: Trace,
  cell: Cell,
  { fullRow, dataBytes }: FullServer,
  { bytesPerSecond = SNAPSHOT_BYTES_PER_SECOND, pageBytes = SMALL_PAGE_BYTES } = {},
): SnapshotCosts {
  const lifeMs = Math.max(1, (dataBytes / bytesPerSecond) * 1000);
  const children = childrenOf(trace, fullRow, lifeMs);
  const copies = copiedPages(trace, cell, children, pageBytes);
  const coverage = Math.min(1, livedMs(trace, children[0]) / lifeMs);
  // What a child writes itself it has written in any case.
  const bytes = copies.map(({ bytes: all, ownBytes }) =>
    Math.min(dataBytes, ownBytes + (all - ownBytes) / coverage),
  );
  return {
    typicalBytes: median(bytes),
    worstBytes: Math.max(...bytes),
    storedValues: Math.max(...copies.map((child) => child.storedValues)) / coverage,
    children: children.length,
    lifeMs,
    coverage,
  };
}

const timeOf = (trace: Trace, row: number): number => trace.times[row] * trace.tickMs;

/** At least a millisecond, the finest time of a trace. */
const livedMs = (trace: Trace, { from, to }: Child): number =>
  Math.max(1, timeOf(trace, Math.min(to, trace.rows - 1)) - timeOf(trace, from));

/** One after the other; the last one that the trace does not live to see the end of is left out unless it is the only. */
function childrenOf(trace: Trace, fromRow: number, lifeMs: number): Child[] {
  const children: Child[] = [];
  let from = fromRow;
  for (let row = fromRow; row < trace.rows; row++) {
    if (timeOf(trace, row) - timeOf(trace, from) < lifeMs) continue;
    children.push({ from, to: row, lifeMs });
    from = row;
  }
  return children.length === 0 ? [{ from: fromRow, to: trace.rows, lifeMs }] : children;
}
