import { InvariantError } from '../errors.ts';
import { ALL_COLUMNS, type Column, readChunk, type SpooledTrace } from './spool.ts';
import { allocateRows, type Trace, type TraceRows } from './trace.ts';

/** A trace wherever its rows are: in memory or on disk. */
export type AnyTrace = Trace | SpooledTrace;

/**
 * The rows of a trace that are in memory: all of a trace that is, one chunk after another of one that isn't. The columns
 * stay the same while the window moves; only what is in them changes.
 */
export class TraceWindow {
  readonly columns: TraceRows;
  /** Rows of the trace in front of the window. */
  first = 0;
  /** Rows in the window. */
  rows = 0;
  private readonly trace: AnyTrace;
  private readonly read: readonly Column[];
  private chunk = 0;

  /** `kept`: how many rows {@link advance} leaves in the window at most. `read`: the columns that are wanted. */
  constructor(trace: AnyTrace, kept = 0, read = ALL_COLUMNS) {
    this.trace = trace;
    this.read = read;
    if ('spool' in trace) {
      const rows = Math.min(trace.rows, trace.spool.chunkRows + kept);
      this.columns = allocateRows(rows, trace.tickMs);
      this.advance(0);
    } else {
      this.columns = trace;
      this.rows = trace.rows;
    }
  }

  /** The row of the trace behind the window. */
  get end(): number {
    return this.first + this.rows;
  }

  /** Leaves out the first `done` rows of the window, and reads the next chunk behind the others. */
  advance(done: number): void {
    const { trace, columns, read } = this;
    if (!('spool' in trace)) throw new InvariantError('a trace in memory has one window only');
    for (const column of read) columns[column].copyWithin(0, done, this.rows);
    this.first += done;
    this.rows -= done;
    const more = Math.min(trace.spool.chunkRows, trace.rows - this.end);
    readChunk(trace.spool, this.chunk++, columns, this.rows, more, read);
    this.rows += more;
  }
}

/** The rows of a trace, a window at a time. */
export function* windowsOf(trace: AnyTrace, columns?: readonly Column[]): Generator<TraceWindow> {
  const window = new TraceWindow(trace, 0, columns);
  yield window;
  while (window.end < trace.rows) {
    window.advance(window.rows);
    yield window;
  }
}

/** The time of the last request, ms of trace time; 0 for a trace of none. */
export function endMs(trace: AnyTrace): number {
  const last = trace.rows - 1;
  if (last < 0) return 0;
  if (!('spool' in trace)) return trace.times[last] * trace.tickMs;
  const { chunkRows } = trace.spool;
  const place = last % chunkRows;
  const chunk = allocateRows(place + 1);
  readChunk(trace.spool, (last - place) / chunkRows, chunk, 0, place + 1, ['times']);
  return chunk.times[place] * trace.tickMs;
}
