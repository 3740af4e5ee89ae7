import type { Engine } from '../engine/engine.ts';
import type { KernelRows } from '../engine/trace-rows.ts';
import type { TraceRows } from '../trace/trace.ts';
import type { Cell } from './cell.ts';
import type { RecordedBatches } from './recorded-batches.ts';

export interface ReplayOptions {
  /** Requests of two such periods are never under way together. Default: that of the server's timer. */
  readonly periodMs?: number;
  /** The batches of a replay that was recorded, instead of those that the trace makes (src/kernel/batches.ts). */
  readonly recorded?: RecordedBatches;
  /** Is called before each batch, with its time since the start of the trace. */
  readonly beforeBatch?: (atMs: number) => void;
}

/**
 * Replays a trace in batches: their requests are sent together and run in their order, at the time of the
 * first: what is sent together arrives together. The SETs that fill the misses among them follow together, as when
 * callers fetch from a database what they missed. In batches of one every fill follows its miss at once.
 */
export class Replay {
  /** The row that is next. */
  row = 0;
  /** What the kernel runs, and what its lookups came to. */
  readonly rows: KernelRows;
  private readonly engine: Engine;
  private readonly trace: TraceRows;
  private readonly startMs: number;
  private readonly fillsMisses: boolean;
  private readonly pipeline: number;
  private readonly options: ReplayOptions;
  /** Nobody but the kernel has to do with a batch, unless it is time for the server's timer. */
  private readonly isKernels: boolean;

  constructor(engine: Engine, trace: TraceRows, cell: Cell, options: ReplayOptions = {}) {
    const { periodMs = 1000 / cell.hz, recorded, beforeBatch } = options;
    this.engine = engine;
    this.trace = trace;
    this.startMs = cell.epochSeconds * 1000;
    this.fillsMisses = cell.onMiss === 'fill';
    this.pipeline = cell.pipeline;
    this.options = options;
    this.isKernels = recorded === undefined && beforeBatch === undefined;
    this.rows = engine.rowsOf(trace, { periodMs, pipeline: cell.pipeline });
    this.rows.beginAt(this.startMs, this.fillsMisses);
  }

  /** The rows have moved in the columns: the next is row 0 of them. */
  rewind(): void {
    this.row = 0;
    this.rows.forget();
  }

  /** Replays up to row `end` (excluded); a batch never reaches beyond it. */
  to(end: number): void {
    this.replay(end, end);
  }

  /** Replays the batches that are the same whatever the rows from `end` on are: they reach `pipeline` rows at most. */
  within(end: number): void {
    this.replay(end - this.pipeline + 1, end);
  }

  /** Replays the batches that start before row `end`; none reaches beyond `limit`. */
  private replay(end: number, limit: number): void {
    const { engine, rows, isKernels } = this;
    while (this.row < end) {
      const first = this.row;
      if (isKernels) this.row = rows.runBatches(first, end, limit, engine.quietUntilMs);
      if (this.row === first) this.replayBatch(limit);
    }
  }

  private replayBatch(limit: number): void {
    const { engine, trace, rows, options } = this;
    const first = this.row;
    const atMs = trace.times[first] * trace.tickMs;
    options.beforeBatch?.(atMs);
    const last = (options.recorded ?? rows).endOf(first, limit);
    engine.wake(this.startMs + atMs);
    const missed = rows.run(first, last);
    this.row = last;
    engine.endEvents();
    if (missed === 0 || !this.fillsMisses) return;
    rows.fill();
    engine.sendReplies();
  }
}
