import { footprintBytes } from '../engine/footprint.ts';
import type { Cell, CellResult } from '../replay/cell.ts';
import { serverNamed } from '../servers/registry.ts';
import { firstRows } from '../trace/first-rows.ts';
import type { Trace } from '../trace/trace.ts';
import type { Counts } from './point.ts';
import { scaleOf, type Scale } from './scale.ts';
import { countsOf } from './scaled-up.ts';

/** The workload without a limit on one server: where every curve ends. */
export interface Unlimited {
  readonly counts: Counts;
  /** The highest `used_memory`: from here on nothing is evicted. */
  readonly peakBytes: number;
  /** Keys in memory at the end. */
  readonly keys: number;
}

/** What is found out once for a server and the whole workload. */
export interface ServerFrame {
  readonly whole: Scale;
  /** Bytes that the keys of the warm-up fill. */
  readonly filledBytes: number;
  readonly unlimited: Unlimited;
}

/** `all`: what the whole came to on the cell's server without a limit. */
export function serverFrame(
  trace: Trace,
  warmupRows: number,
  cell: Cell,
  all: CellResult,
): ServerFrame {
  const whole = scaleOf(trace, cell);
  const warm = firstRows(trace, warmupRows);
  return {
    whole,
    filledBytes: whole.fixedBytes + footprintBytes(warm, serverNamed(cell.server), cell.allocator),
    unlimited: { counts: countsOf(all), peakBytes: all.peakMemoryBytes, keys: all.keys },
  };
}

export function unlimitedCell(cell: Cell, seed: number): Cell {
  return { ...cell, policy: 'noeviction', maxmemoryBytes: 0, seed };
}

/** Settings that decide what a server does without a limit, and what its bytes are. */
export function serverKey({ server, allocator, activeExpireEffort }: Cell): string {
  return JSON.stringify([server, allocator, activeExpireEffort]);
}
