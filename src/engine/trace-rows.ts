import { InvariantError } from '../errors.ts';
import type { Kernel } from '../keyspace/kernel.ts';
import type { TraceRows } from '../trace/trace.ts';

/** Rows of the trace that the kernel has at a time, or a batch if that is longer. */
const ROWS_AT_HAND = 4096;

const WORD_BYTES = 8;

const HIT_BYTES = 0;
const LOOKUP_BYTES = 1;

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
  private readonly ops: Uint8Array;
  private first = 0;
  private end = 0;

  /** `pipeline`: rows of the longest batch. */
  constructor(kernel: Kernel, trace: TraceRows, pipeline: number) {
    const rows = Math.max(ROWS_AT_HAND, pipeline + WORD_BYTES);
    const place = kernel.calls.allocateRows(rows) >>> 0;
    this.kernel = kernel;
    this.pipeline = pipeline;
    this.trace = trace;
    this.keys = kernel.uint32s(place, rows);
    this.valueBytes = kernel.uint32s(place + 4 * rows, rows);
    this.ttls = kernel.uint32s(place + 8 * rows, rows);
    this.ops = kernel.bytes(place + 12 * rows, rows);
    this.sums = kernel.fields('lookupSums');
    kernel.hitSlots = kernel.int32s(kernel.calls.allocateReads(pipeline), pipeline);
  }

  /** Value bytes of the lookups that hit, and of all, since the start. */
  get hitBytes(): number {
    return this.sums[HIT_BYTES];
  }

  get lookupBytes(): number {
    return this.sums[LOOKUP_BYTES];
  }

  /** Runs the rows `[first, last)`, a batch; how many of its GETs missed. */
  run(first: number, last: number): number {
    if (last - first > this.pipeline) {
      throw new InvariantError(`a batch of ${last - first} rows, with room for ${this.pipeline}`);
    }
    if (first < this.first || last > this.end) this.fetch(first);
    return this.kernel.calls.runRows(first - this.first, last - this.first);
  }

  /** Runs the SETs that fill the misses of the batch. */
  fill(): void {
    this.kernel.calls.runFills();
  }

  /** The rows have moved in the columns of the trace: none are at hand. */
  forget(): void {
    this.end = 0;
  }

  private fetch(row: number): void {
    const { trace, ops, keys, valueBytes, ttls } = this;
    // From one word of memory to another: bytes that lie otherwise are copied one by one.
    const first = row - (row % WORD_BYTES);
    const end = Math.min(trace.ops.length, first + ops.length);
    ops.set(trace.ops.subarray(first, end));
    keys.set(trace.keys.subarray(first, end));
    valueBytes.set(trace.valueBytes.subarray(first, end));
    ttls.set(trace.ttls.subarray(first, end));
    this.first = first;
    this.end = end;
    this.kernel.calls.setFirstRow(first);
  }
}
