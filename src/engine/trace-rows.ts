import { InvariantError, UsageError } from '../errors.ts';
import { Kernel } from '../keyspace/kernel.ts';
import { Random } from '../random.ts';
import type { TraceRows } from '../trace/trace.ts';

/** Rows of the trace that the kernel has at a time, or a batch if that is longer. */
const ROWS_AT_HAND = 4096;

const WORD_BYTES = 8;

const HIT_BYTES = 0;
const LOOKUP_BYTES = 1;

/** How requests come together: docs/model.md (the client). */
export interface BatchRules {
  /** Of the server's timer: requests of two of its periods are never under way together. */
  readonly periodMs: number;
  /** Requests under way at a time, at most. */
  readonly pipeline: number;
}

/** The rows of a trace that the kernel replays, a part at a time, and what its lookups came to. */
export class KernelRows {
  private readonly kernel: Kernel;
  private readonly trace: TraceRows;
  private readonly pipeline: number;
  private readonly sums: Float64Array;
  /** The rows at hand, `[first, end)` of the trace. */
  private readonly keys: Uint32Array;
  private readonly valueBytes: Uint32Array;
  private readonly ttls: Uint32Array;
  private readonly times: Uint32Array;
  private readonly ops: Uint8Array;
  private first = 0;
  private end = 0;

  constructor(kernel: Kernel, trace: TraceRows, { pipeline, periodMs }: BatchRules) {
    if (!(pipeline >= 1)) {
      throw new UsageError(`pipeline must be a whole number from 1 on, got ${pipeline}.`);
    }
    const rows = Math.max(ROWS_AT_HAND, pipeline + WORD_BYTES);
    const place = kernel.calls.allocateRows(rows, trace.tickMs) >>> 0;
    this.kernel = kernel;
    this.pipeline = pipeline;
    this.trace = trace;
    this.keys = kernel.uint32s(place, rows);
    this.valueBytes = kernel.uint32s(place + 4 * rows, rows);
    this.ttls = kernel.uint32s(place + 8 * rows, rows);
    this.times = kernel.uint32s(place + 12 * rows, rows);
    this.ops = kernel.bytes(place + 16 * rows, rows);
    this.sums = kernel.fields('lookupSums');
    kernel.hitSlots = kernel.int32s(kernel.calls.allocateReads(pipeline), pipeline);
    kernel.calls.setBatches(periodMs, pipeline);
  }

  /** Rows that no engine replays: to know where their batches end. */
  static alone(trace: TraceRows, rules: BatchRules): KernelRows {
    return new KernelRows(new Kernel(0, new Random(0, 'rows'), (bytes) => bytes), trace, rules);
  }

  /** Nobody asks any more of rows that were {@link alone}: their memory may be an engine's. */
  release(): void {
    this.kernel.release();
  }

  /** The trace starts at unix time `startMs`; `fillsMisses`: a SET follows each GET that misses. */
  beginAt(startMs: number, fillsMisses: boolean): void {
    this.kernel.calls.setReplay(startMs, Number(fillsMisses));
  }

  /** Value bytes of the lookups that hit, and of all, since the start. */
  get hitBytes(): number {
    return this.sums[HIT_BYTES];
  }

  get lookupBytes(): number {
    return this.sums[LOOKUP_BYTES];
  }

  /** Where the batch that starts with row `first` ends (excluded); never beyond `limit`. Rows are asked for in order. */
  endOf(first: number, limit: number): number {
    this.need(first, Math.min(limit, first + this.pipeline));
    return this.first + this.kernel.calls.endOfBatch(first - this.first, limit - this.first);
  }

  /** Runs the rows `[first, last)`, a batch; how many of its GETs missed. */
  run(first: number, last: number): number {
    if (last - first > this.pipeline) {
      throw new InvariantError(`a batch of ${last - first} rows, with room for ${this.pipeline}`);
    }
    this.need(first, last);
    return this.kernel.calls.runRows(first - this.first, last - this.first);
  }

  /** Runs the SETs that fill the misses of the batch. */
  fill(): void {
    this.kernel.calls.runFills();
  }

  /**
   * Replays batches from row `first` on, `first` < `end`, some of those that start before row `end`, reach no further than
   * `limit` and start before unix time `dueMs`; the row after them: `first` if that is the time of none.
   */
  runBatches(first: number, end: number, limit: number, dueMs: number): number {
    this.need(first, Math.min(limit, first + this.pipeline));
    // What reaches beyond the rows at hand has to wait.
    const startsBefore = this.end < limit ? Math.min(end, this.end - this.pipeline + 1) : end;
    const from = this.first;
    return (
      from +
      this.kernel.calls.runBatches(
        first - from,
        startsBefore - from,
        Math.min(limit, this.end) - from,
        dueMs,
      )
    );
  }

  /** The rows have moved in the columns of the trace: none are at hand. */
  forget(): void {
    this.end = 0;
  }

  /** Has the rows `[first, last)` at hand. */
  private need(first: number, last: number): void {
    if (first < this.first || last > this.end) this.fetch(first);
  }

  private fetch(row: number): void {
    const { trace, ops, keys, valueBytes, ttls, times } = this;
    // From one word of memory to another: bytes that lie otherwise are copied one by one.
    const first = row - (row % WORD_BYTES);
    const end = Math.min(trace.ops.length, first + ops.length);
    ops.set(trace.ops.subarray(first, end));
    keys.set(trace.keys.subarray(first, end));
    valueBytes.set(trace.valueBytes.subarray(first, end));
    ttls.set(trace.ttls.subarray(first, end));
    times.set(trace.times.subarray(first, end));
    this.first = first;
    this.end = end;
    this.kernel.calls.setFirstRow(first);
  }
}
