import type { Cell } from '../replay/cell.ts';
import type { TraceFacts } from './facts.ts';
import type { Sample } from './sampling.ts';
import type { Scale } from './scale.ts';

/** The LRU clock of most servers moves with the timer: ticks stay well below the time a key stays in memory. */
const TICKS_PER_TRACE = 2000;
const LRU_CLOCK_MS = 1000;

/**
 * The cell that stands for `cell` on a sample: fewer keys in less memory, at their own times.
 *
 * Scaled: the data part of maxmemory, by the bytes of the sample's keys; the requests under way and the timer's rate,
 * by the weight, because a tick looks at a fixed number of keys with TTLs and moves a fixed number of buckets.
 * Kept: fixed bytes, sampled keys per eviction, the pool, clocks and counters, and with them the server's tables,
 * which double at the same load since the weight is a power of two. What each is worth: docs/sizing.md.
 */
export function miniatureCell(
  cell: Cell,
  sample: Sample,
  options: { weight: number; whole: Scale; own: Scale; facts: TraceFacts; seed: number },
): Cell {
  const { weight, whole, own, facts, seed } = options;
  const slowestTickMs = Math.max(LRU_CLOCK_MS, facts.totalMs / TICKS_PER_TRACE);
  const tickMs = 1000 / cell.hz;
  return {
    ...cell,
    seed,
    warmupRows: sample.warmupRows,
    maxmemoryBytes: cell.maxmemoryBytes === 0 ? 0 : scaledLimit(cell.maxmemoryBytes, whole, own),
    pipeline: Math.max(1, Math.round(cell.pipeline / weight)),
    hz: 1000 / Math.max(tickMs, Math.min(tickMs * weight, slowestTickMs)),
  };
}

function scaledLimit(bytes: number, whole: Scale, own: Scale): number {
  const data = (bytes - whole.fixedBytes) * (own.dataBytes / whole.dataBytes);
  return Math.max(1, Math.round(own.fixedBytes + data));
}
