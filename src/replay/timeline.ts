import type { TraceRows } from '../trace/trace.ts';
import { endMs, windowsOf, type AnyTrace } from '../trace/window.ts';

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
export function timelineCuts(trace: AnyTrace, intervalMs: number, periodMs: number): Cut[] {
  if (intervalMs === 0 || trace.rows === 0) return [];
  const stepMs = Math.ceil(intervalMs / periodMs) * periodMs;
  const cuts: Cut[] = [];
  const lastMs = endMs(trace);
  let timeMs = stepMs;
  for (const { columns, first, rows } of windowsOf(trace, ['times'])) {
    let row = 0;
    for (; timeMs <= lastMs; timeMs += stepMs) {
      row = firstRowAt(columns, row, rows, timeMs);
      if (row === rows) break;
      cuts.push({ row: first + row, timeMs });
    }
  }
  cuts.push({ row: trace.rows, timeMs: lastMs });
  return cuts;
}

/** The first of the rows from `from` to `end` whose time is `timeMs` or later; `end` if there is none. */
function firstRowAt(
  { times, tickMs }: TraceRows,
  from: number,
  end: number,
  timeMs: number,
): number {
  let low = from;
  let high = end;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (times[middle] * tickMs < timeMs) low = middle + 1;
    else high = middle;
  }
  return low;
}
