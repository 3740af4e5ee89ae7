import type { Engine } from '../engine/engine.ts';
import type { KernelRows } from '../engine/trace-rows.ts';
import type { TraceRows } from '../trace/trace.ts';
import { type Batches, PeriodBatches } from './batches.ts';
import type { Cell } from './cell.ts';

/**
 * Replays a trace in batches (batches.ts): their requests are sent together and run in their order, at the time of the
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
  private readonly batches: Batches;
  private readonly startMs: number;
  private readonly fillsMisses: boolean;
  private readonly pipeline: number;

  constructor(
    engine: Engine,
    trace: TraceRows,
    cell: Cell,
    batches: Batches = new PeriodBatches(trace, 1000 / cell.hz, cell.pipeline),
  ) {
    this.engine = engine;
    this.trace = trace;
    this.batches = batches;
    this.startMs = cell.epochSeconds * 1000;
    this.fillsMisses = cell.onMiss === 'fill';
    this.pipeline = cell.pipeline;
    this.rows = engine.rowsOf(trace, cell.pipeline);
  }

  /** The rows have moved in the columns: the next is row 0 of them. */
  rewind(): void {
    this.row = 0;
    this.rows.forget();
  }

  /** Replays up to row `end` (excluded); a batch never reaches beyond it. */
  to(end: number): void {
    while (this.row < end) this.replayBatch(end);
  }

  /** Replays the batches that are the same whatever the rows from `end` on are: they reach `pipeline` rows at most. */
  within(end: number): void {
    while (this.row + this.pipeline <= end) this.replayBatch(end);
  }

  private replayBatch(end: number): void {
    const { engine, trace, rows } = this;
    const first = this.row;
    const last = this.batches.endOf(first, end);
    engine.wake(this.startMs + trace.times[first] * trace.tickMs);
    const missed = rows.run(first, last);
    this.row = last;
    engine.endEvents();
    if (missed === 0 || !this.fillsMisses) return;
    rows.fill();
    engine.sendReplies();
  }
}
