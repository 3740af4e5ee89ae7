import type { Cell } from '../replay/cell.ts';
import type { Sample } from './sampling.ts';
import type { Scale } from './scale.ts';

/**
 * The cell that stands for `cell` on a sample: fewer keys in less memory, at their own times.
 *
 * Scaled: the data part of maxmemory, by the bytes of the sample's keys; the requests under way and the timer's rate,
 * by the weight, because a tick looks at a fixed number of keys with TTLs, for a fixed time at most, and moves a fixed
 * number of buckets.
 * Kept: fixed bytes, sampled keys per eviction, the pool, clocks and counters, and with them the server's tables,
 * which double at the same load since the weight is a power of two. What each is worth: docs/sizing.md.
 */
export function miniatureCell(
  cell: Cell,
  sample: Sample,
  { weight, whole, own, seed }: { weight: number; whole: Scale; own: Scale; seed: number },
): Cell {
  return {
    ...cell,
    seed,
    warmupRows: sample.warmupRows,
    maxmemoryBytes: cell.maxmemoryBytes === 0 ? 0 : scaledLimit(cell.maxmemoryBytes, whole, own),
    pipeline: Math.max(1, Math.round(cell.pipeline / weight)),
    timerSlowdown: weight,
  };
}

function scaledLimit(bytes: number, whole: Scale, own: Scale): number {
  const data = (bytes - whole.fixedBytes) * (own.dataBytes / whole.dataBytes);
  return Math.max(1, Math.round(own.fixedBytes + data));
}
