import type { Trace } from '../trace/trace.ts';

/** Where an interval of the timeline ends: after `row` rows, at `timeMs` of trace time. */
export interface Cut {
  readonly row: number;
  readonly timeMs: number;
}

/**
 * Ends of the intervals of `intervalMs` that cover the trace: the last one ends with its last row. Row r belongs to
 * the interval in which its time lies, so an interval may be empty. Intervals are rounded up to whole timer periods, where batches
 * end anyway: looking must not change the result. No intervals when `intervalMs` is 0.
 */
export function timelineCuts(trace: Trace, intervalMs: number, periodMs: number): Cut[] {
  if (intervalMs === 0 || trace.rows === 0) return [];
  const stepMs = Math.ceil(intervalMs / periodMs) * periodMs;
  const cuts: Cut[] = [];
  const lastMs = trace.times[trace.rows - 1] * trace.tickMs;
  let row = 0;
  for (let timeMs = stepMs; timeMs <= lastMs; timeMs += stepMs) {
    row = firstRowAt(trace, row, timeMs);
    cuts.push({ row, timeMs });
  }
  cuts.push({ row: trace.rows, timeMs: lastMs });
  return cuts;
}

/** The first row from `from` on whose time is `timeMs` or later. */
function firstRowAt(trace: Trace, from: number, timeMs: number): number {
  let low = from;
  let high = trace.rows;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (trace.times[middle] * trace.tickMs < timeMs) low = middle + 1;
    else high = middle;
  }
  return low;
}
