import { UsageError } from '../errors.ts';
import type { Trace } from './trace.ts';

type Words = Uint32Array<SharedArrayBuffer>;

const FIRST_ROWS = 1 << 16;
const MAX_TICKS = 0xffff_ffff;
/** A trace holds this many rows at most: 32-bit row numbers, one left over. */
const MAX_ROWS = 0xffff_fffe;

/** Names and lengths of the keys of a finished trace. */
export interface TraceKeys {
  readonly count: number;
  bytesOf(id: number): number;
  /** Called at most once, and only when something asks for the names. */
  readonly names?: () => readonly string[];
}

/**
 * Collects the rows of a trace whose length is not known beforehand. The columns double as they fill; the finished
 * trace is a view of them, so nothing is copied at the end and pages never written to cost no memory.
 *
 * Times: a first row later than 2^32 ms (49.7 days) is a clock reading, and time counts from it. A row earlier than
 * the one before takes that one's time and is counted in {@link timesGoneBack}. When 32 bits of milliseconds run out,
 * the tick becomes ten times as long for the whole trace.
 */
export class TraceBuilder {
  rows = 0;
  /** Rows that were earlier than the row before them. */
  timesGoneBack = 0;

  private readonly name: string;
  private capacity = FIRST_ROWS;
  private tickMs = 1;
  private startMs = 0;
  private lastMs = 0;
  private times = words(FIRST_ROWS);
  private ops = new Uint8Array(new SharedArrayBuffer(FIRST_ROWS));
  private keys = words(FIRST_ROWS);
  private valueBytes = words(FIRST_ROWS);
  private ttls = words(FIRST_ROWS);

  constructor(name: string) {
    this.name = name;
  }

  add(timeMs: number, op: number, key: number, valueBytes: number, ttl: number): void {
    const row = this.rows++;
    if (row === this.capacity) this.grow();
    this.times[row] = this.tickOf(timeMs, row);
    this.ops[row] = op;
    this.keys[row] = key;
    this.valueBytes[row] = valueBytes;
    this.ttls[row] = ttl;
  }

  finish(keys: TraceKeys): Trace {
    const { rows } = this;
    const keyBytes = words(keys.count);
    for (let id = 0; id < keys.count; id++) keyBytes[id] = keys.bytesOf(id);
    const trace = {
      name: this.name,
      rows,
      keyCount: keys.count,
      tickMs: this.tickMs,
      times: this.times.subarray(0, rows),
      ops: this.ops.subarray(0, rows),
      keys: this.keys.subarray(0, rows),
      valueBytes: this.valueBytes.subarray(0, rows),
      ttls: this.ttls.subarray(0, rows),
      keyBytes,
    };
    const { names } = keys;
    if (names === undefined) return trace;
    let made: readonly string[] | undefined;
    return Object.defineProperty(trace, 'keyNames', { get: () => (made ??= names()) });
  }

  private tickOf(timeMs: number, row: number): number {
    if (row === 0) this.startMs = timeMs > MAX_TICKS ? timeMs : 0;
    let ms = timeMs - this.startMs;
    if (ms < this.lastMs) {
      this.timesGoneBack++;
      ms = this.lastMs;
    }
    this.lastMs = ms;
    while (ms / this.tickMs > MAX_TICKS) this.lengthenTick(row);
    return Math.floor(ms / this.tickMs);
  }

  private lengthenTick(rows: number): void {
    this.tickMs *= 10;
    for (let i = 0; i < rows; i++) this.times[i] = Math.floor(this.times[i] / 10);
  }

  private grow(): void {
    if (this.capacity >= MAX_ROWS) {
      throw new UsageError(
        `${this.name}: a trace can have ${MAX_ROWS} requests at most. Split it.`,
      );
    }
    const capacity = Math.min(MAX_ROWS, this.capacity * 2);
    try {
      const larger = (column: Words): Words => {
        const copy = words(capacity);
        copy.set(column);
        return copy;
      };
      this.times = larger(this.times);
      this.keys = larger(this.keys);
      this.valueBytes = larger(this.valueBytes);
      this.ttls = larger(this.ttls);
      const ops = new Uint8Array(new SharedArrayBuffer(capacity));
      ops.set(this.ops);
      this.ops = ops;
    } catch (error) {
      throw new UsageError(
        `${this.name}: no memory for a trace of more than ${this.capacity} requests (17 bytes a request).`,
        { cause: error },
      );
    }
    this.capacity = capacity;
  }
}

function words(count: number): Words {
  return new Uint32Array(new SharedArrayBuffer(count * 4));
}
