import { type BatchRules, KernelRows } from '../engine/trace-rows.ts';
import type { TraceRows } from '../trace/trace.ts';

/** Which requests of a trace are under way together, for those who replay it elsewhere than on an engine. */
export class PeriodBatches {
  private readonly rows: KernelRows;

  constructor(trace: TraceRows, rules: BatchRules) {
    this.rows = KernelRows.alone(trace, rules);
  }

  /** Where the batch that starts with row `first` ends (excluded); never beyond `limit`. Rows are asked for in order. */
  endOf(first: number, limit: number): number {
    return this.rows.endOf(first, limit);
  }

  /** Nobody asks any more: its memory may be an engine's. */
  release(): void {
    this.rows.release();
  }
}
