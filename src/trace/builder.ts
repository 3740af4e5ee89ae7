import { UsageError } from '../errors.ts';
import { allocateRows, type Trace, type TraceRows } from './trace.ts';

const FIRST_ROWS = 1 << 16;
const MAX_TICKS = 0xffff_ffff;
/** A trace in memory holds this many rows at most: 32-bit row numbers, one left over. */
const MAX_ROWS = 0xffff_fffe;

/** Names and lengths of the keys of a finished trace. */
export interface TraceKeys {
  readonly count: number;
  bytesOf(id: number): number;
  /** Called at most once, and only when something asks for the names. */
  readonly names?: () => readonly string[];
}

/** Per key, the bytes of its name. */
export function keyBytesOf(keys: TraceKeys): Uint32Array<SharedArrayBuffer> {
  const keyBytes = new Uint32Array(new SharedArrayBuffer(keys.count * 4));
  for (let id = 0; id < keys.count; id++) keyBytes[id] = keys.bytesOf(id);
  return keyBytes;
}

/**
 * Collects the rows of a trace whose length is not known beforehand, and makes a `T` of them.
 *
 * Times: a first row later than 2^32 ms (49.7 days) is a clock reading, and time counts from it. A row earlier than
 * the one before takes that one's time and is counted in {@link timesGoneBack}. When 32 bits of milliseconds run out,
 * the tick becomes ten times as long for the whole trace.
 */
export abstract class RowBuilder<T> {
  rows = 0;
  /** Rows that were earlier than the row before them. */
  timesGoneBack = 0;

  protected readonly name: string;
  /** Where rows are written, and how many of them it holds. */
  protected columns: TraceRows;
  protected used = 0;
  protected tickMs = 1;
  private capacity: number;
  private startMs = 0;
  private lastMs = 0;

  constructor(name: string, capacity: number) {
    this.name = name;
    this.capacity = capacity;
    this.columns = allocateRows(capacity);
  }

  add(timeMs: number, op: number, key: number, valueBytes: number, ttl: number): void {
    if (this.used === this.capacity) {
      this.makeRoom();
      this.capacity = this.columns.ops.length;
    }
    const tick = this.tickOf(timeMs);
    const { columns } = this;
    const place = this.used++;
    this.rows++;
    columns.times[place] = tick;
    columns.ops[place] = op;
    columns.keys[place] = key;
    columns.valueBytes[place] = valueBytes;
    columns.ttls[place] = ttl;
  }

  /** The trace. Nothing can be added after it. */
  abstract finish(keys: TraceKeys): T;

  /** Called when `columns` are full: afterwards there is room behind `used`. */
  protected abstract makeRoom(): void;

  /** Makes the tick of all rows ten times as long. */
  protected lengthenTick(): void {
    this.tickMs *= 10;
    divideByTen(this.columns.times, this.used);
  }

  private tickOf(timeMs: number): number {
    if (this.rows === 0) this.startMs = timeMs > MAX_TICKS ? timeMs : 0;
    let ms = timeMs - this.startMs;
    if (ms < this.lastMs) {
      this.timesGoneBack++;
      ms = this.lastMs;
    }
    this.lastMs = ms;
    while (ms / this.tickMs > MAX_TICKS) this.lengthenTick();
    return Math.floor(ms / this.tickMs);
  }
}

/** The first `count` of `times` in ticks ten times as long. */
export function divideByTen(times: Uint32Array, count: number): void {
  for (let i = 0; i < count; i++) times[i] = Math.floor(times[i] / 10);
}

/**
 * A trace in memory. The columns double as they fill; the finished trace is a view of them, so nothing is copied at the
 * end and pages never written to cost no memory.
 */
export class TraceBuilder extends RowBuilder<Trace> {
  constructor(name: string) {
    super(name, FIRST_ROWS);
  }

  finish(keys: TraceKeys): Trace {
    const { rows, name, tickMs, columns } = this;
    const trace = {
      name,
      rows,
      keyCount: keys.count,
      tickMs,
      times: columns.times.subarray(0, rows),
      ops: columns.ops.subarray(0, rows),
      keys: columns.keys.subarray(0, rows),
      valueBytes: columns.valueBytes.subarray(0, rows),
      ttls: columns.ttls.subarray(0, rows),
      keyBytes: keyBytesOf(keys),
    };
    const { names } = keys;
    if (names === undefined) return trace;
    let made: readonly string[] | undefined;
    return Object.defineProperty(trace, 'keyNames', { get: () => (made ??= names()) });
  }

  protected makeRoom(): void {
    const { columns, used } = this;
    if (used >= MAX_ROWS) {
      throw new UsageError(
        `${this.name}: a trace can have ${MAX_ROWS} requests at most. Split it.`,
      );
    }
    try {
      const larger = allocateRows(Math.min(MAX_ROWS, used * 2));
      larger.times.set(columns.times);
      larger.ops.set(columns.ops);
      larger.keys.set(columns.keys);
      larger.valueBytes.set(columns.valueBytes);
      larger.ttls.set(columns.ttls);
      this.columns = larger;
    } catch (error) {
      throw new UsageError(
        `${this.name}: no memory for a trace of more than ${used} requests (17 bytes a request). ` +
          '"evictlab run --stream" keeps them on disk.',
        { cause: error },
      );
    }
  }
}
