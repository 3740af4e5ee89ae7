import type { Engine } from '../../src/engine/engine.ts';
import {
  NEVER,
  SET_ALWAYS,
  SET_IF_ABSENT,
  SET_IF_PRESENT,
  SET_KEEPING_TTL,
  type SetMode,
} from '../../src/engine/set-options.ts';
import type { Cell } from '../../src/replay/cell.ts';
import {
  DEL,
  EXPIRE,
  GET,
  INCR,
  PERSIST,
  SET,
  SETKEEP,
  SETNX,
  SETXX,
  TOUCH,
} from '../../src/trace/operations.ts';
import type { Trace } from '../../src/trace/trace.ts';
import { decodeTtl, NO_TTL } from '../../src/trace/ttl.ts';

const MODES: Readonly<Partial<Record<number, SetMode>>> = {
  [SET]: SET_ALWAYS,
  [SETNX]: SET_IF_ABSENT,
  [SETXX]: SET_IF_PRESENT,
  [SETKEEP]: SET_KEEPING_TTL,
};

/** A replay that issues each command to the engine on its own: what the kernel does by the batch. */
export class OneByOne {
  hitBytes = 0;
  lookupBytes = 0;
  private readonly engine: Engine;
  private readonly trace: Trace;
  private readonly cell: Cell;
  /** Commands that the server parses at a time; 0 = each when its turn comes. */
  private readonly window: number;

  constructor(engine: Engine, trace: Trace, cell: Cell, window: number) {
    this.engine = engine;
    this.trace = trace;
    this.cell = cell;
    this.window = window;
  }

  run(): void {
    const { engine, trace, cell } = this;
    for (let first = 0; first < trace.rows;) {
      const last = this.endOfBatch(first);
      const rows = Array.from({ length: last - first }, (_, i) => first + i);
      engine.wake(cell.epochSeconds * 1000 + trace.times[first] * trace.tickMs);
      const missed: number[] = [];
      this.issue(rows, (row) => {
        if (!this.request(row)) missed.push(row);
      });
      engine.endEvents();
      if (cell.onMiss === 'fill' && missed.length > 0) {
        const fill = (row: number): void => {
          this.set(row, SET_ALWAYS);
        };
        this.issue(missed, fill, true);
        engine.sendReplies();
      }
      first = last;
    }
  }

  /** One client's requests of one period of the timer, none of their keys twice. */
  private endOfBatch(first: number): number {
    const { trace, cell } = this;
    const periodOf = (row: number): number =>
      Math.floor((trace.times[row] * trace.tickMs) / (1000 / cell.hz));
    const keys = new Set<number>();
    let row = first;
    while (row < Math.min(trace.rows, first + cell.pipeline)) {
      if (periodOf(row) !== periodOf(first) || keys.has(trace.keys[row])) break;
      keys.add(trace.keys[row++]);
    }
    return row;
  }

  private issue(rows: readonly number[], run: (row: number) => unknown, areFills = false): void {
    const { engine, window } = this;
    rows.forEach((row, i) => {
      if (window > 0 && i % window === 0) {
        const parsed = rows.slice(i, i + window);
        const bytes = parsed.map((next) => this.argumentBytes(next, areFills));
        engine.queue(
          parsed.length,
          bytes.reduce((sum, one) => sum + one),
        );
      }
      engine.clock.row = row;
      run(row);
    });
  }

  private argumentBytes(row: number, isFill: boolean): number {
    const { trace, engine } = this;
    const op = trace.ops[row];
    const key = trace.keys[row];
    if (isFill || MODES[op] !== undefined)
      return engine.memory.set(key, trace.valueBytes[row], trace.ttls[row] !== NO_TTL);
    return op === EXPIRE ? engine.memory.expire(key) : engine.memory.get(key);
  }

  /** False for a GET that missed. */
  private request(row: number): boolean {
    const { engine, trace } = this;
    const op = trace.ops[row];
    const key = trace.keys[row];
    if (op === GET) {
      const hit = engine.get(key);
      this.lookupBytes += trace.valueBytes[row];
      if (hit) this.hitBytes += trace.valueBytes[row];
      return hit;
    }
    const mode = MODES[op];
    if (mode !== undefined) this.set(row, mode);
    else if (op === DEL) engine.del(key);
    else if (op === INCR) engine.incr(key);
    else if (op === EXPIRE) engine.expire(key, this.ttlMs(row));
    else if (op === TOUCH) engine.touch(key);
    else if (op === PERSIST) engine.persist(key);
    return true;
  }

  private set(row: number, mode: SetMode): void {
    const { engine, trace } = this;
    engine.set(trace.keys[row], trace.valueBytes[row], this.ttlMs(row), mode);
  }

  private ttlMs(row: number): number {
    const code = this.trace.ttls[row];
    return code === NO_TTL ? NEVER : decodeTtl(code);
  }
}
