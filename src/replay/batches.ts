import { UsageError } from '../errors.ts';
import type { Trace } from '../trace/trace.ts';

/** Which requests of a trace are under way together. The engine and the driver of a real server share them. */
export interface Batches {
  /** Where the batch that starts with row `first` ends (excluded); never beyond `end`. Rows are asked for in order. */
  endOf(first: number, end: number): number;
}

/**
 * Batches of one client that keeps up to `pipeline` requests under way: those that arrive within one period of the
 * server's timer, none of their keys twice, so that what happens to a key happens in the order of the trace.
 */
export class PeriodBatches implements Batches {
  private readonly trace: Trace;
  private readonly periodMs: number;
  private readonly pipeline: number;
  /** Per key, the batch it was last in. */
  private readonly batchOfKey: Uint32Array;
  private batch = 0;

  constructor(trace: Trace, periodMs: number, pipeline: number) {
    if (!(pipeline >= 1)) {
      throw new UsageError(`pipeline must be a whole number from 1 on, got ${pipeline}.`);
    }
    this.trace = trace;
    this.periodMs = periodMs;
    this.pipeline = pipeline;
    this.batchOfKey = new Uint32Array(trace.keyCount);
  }

  endOf(first: number, end: number): number {
    const { trace, batchOfKey, periodMs } = this;
    const { times, keys, tickMs } = trace;
    const batch = ++this.batch;
    const last = Math.min(end, first + this.pipeline);
    const untilMs = (Math.floor((times[first] * tickMs) / periodMs) + 1) * periodMs;
    let row = first;
    for (; row < last; row++) {
      const id = keys[row];
      if (times[row] * tickMs >= untilMs || batchOfKey[id] === batch) break;
      batchOfKey[id] = batch;
    }
    return row;
  }
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
