import { type BatchRules, KernelRows } from '../engine/trace-rows.ts';
import { Kernel } from '../keyspace/kernel.ts';
import { Random } from '../random.ts';
import type { TraceRows } from '../trace/trace.ts';

/** Which requests of a trace are under way together, for those who replay it elsewhere than on an engine. */
export class PeriodBatches {
  private readonly kernel: Kernel;
  private readonly rows: KernelRows;

  constructor(trace: TraceRows, rules: BatchRules) {
    this.kernel = new Kernel(0, new Random(0, 'batches'), (bytes) => bytes);
    this.rows = new KernelRows(this.kernel, trace, rules);
  }

  /** Where the batch that starts with row `first` ends (excluded); never beyond `limit`. Rows are asked for in order. */
  endOf(first: number, limit: number): number {
    return this.rows.endOf(first, limit);
  }

  /** Nobody asks any more: its memory may be an engine's. */
  release(): void {
    this.kernel.release();
  }
}
