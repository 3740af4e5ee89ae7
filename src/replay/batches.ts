import { UsageError } from '../errors.ts';
import type { TraceRows } from '../trace/trace.ts';

/** Which requests of a trace are under way together. The engine and the driver of a real server share them. */
export interface Batches {
  /** Where the batch that starts with row `first` ends (excluded); never beyond `end`. Rows are asked for in order. */
  endOf(first: number, end: number): number;
}

const KEY_GROUPS = 1024;

/**
 * Batches of one client that keeps up to `pipeline` requests under way: those that arrive within one period of the
 * server's timer, none of their keys twice, so that what happens to a key happens in the order of the trace.
 */
export class PeriodBatches implements Batches {
  private readonly trace: TraceRows;
  private readonly periodMs: number;
  private readonly pipeline: number;
  /**
   * Per group of keys, by the last bits of their ids, one more than the row that was last looked at. Only a hint: when the
   * rows move in their columns, it says too much, and the batch is searched for nothing.
   */
  private readonly lastSeen = new Int32Array(KEY_GROUPS);

  constructor(trace: TraceRows, periodMs: number, pipeline: number) {
    if (!(pipeline >= 1)) {
      throw new UsageError(`pipeline must be a whole number from 1 on, got ${pipeline}.`);
    }
    this.trace = trace;
    this.periodMs = periodMs;
    this.pipeline = pipeline;
  }

  endOf(first: number, end: number): number {
    const { trace, lastSeen, periodMs } = this;
    const { times, keys, tickMs } = trace;
    let last = Math.min(end, first + this.pipeline);
    if (last === first + 1) return last;
    const untilMs = (Math.floor((times[first] * tickMs) / periodMs) + 1) * periodMs;
    // Times never go back: mostly one look is enough.
    while (times[last - 1] * tickMs >= untilMs) last--;
    for (let row = first; ; row++) {
      // Few keys of a batch share a group, so the batch is searched for few, outside of the loop over all of them.
      for (; row < last; row++) {
        const group = keys[row] & (KEY_GROUPS - 1);
        if (lastSeen[group] > first) break;
        lastSeen[group] = row + 1;
      }
      if (row === last || isAmong(keys, first, row)) return row;
      lastSeen[keys[row] & (KEY_GROUPS - 1)] = row + 1;
    }
  }
}

/**
 * Whether the key of `row` is that of an earlier row, from `first` on. A loop: `indexOf` is a call out of compiled code, which
 * costs as much as the rest of a request.
 */
function isAmong(keys: Uint32Array, first: number, row: number): boolean {
  const key = keys[row];
  let earlier = first;
  while (keys[earlier] !== key) earlier++;
  return earlier < row;
}

/** Batches as they were once sent: `ends` holds the rows they ended at (excluded), in order. */
export class RecordedBatches implements Batches {
  private readonly ends: Uint32Array;
  private next = 0;

  constructor(ends: Uint32Array) {
    this.ends = ends;
  }

  endOf(first: number, end: number): number {
    while (this.ends[this.next] <= first) this.next++;
    return Math.min(end, this.ends[this.next]);
  }
}
