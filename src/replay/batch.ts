import { InvariantError } from '../errors.ts';
import type { Engine } from '../engine/engine.ts';
import { Lookups } from '../engine/reads.ts';
import * as setOptions from '../engine/set-options.ts';
import type { SetMode } from '../engine/set-options.ts';
import * as operations from '../trace/operations.ts';
import type { TraceRows } from '../trace/trace.ts';
import * as ttl from '../trace/ttl.ts';
import { type Batches, PeriodBatches } from './batches.ts';
import type { Cell } from './cell.ts';

const { NEVER, SET_ALWAYS, SET_IF_ABSENT, SET_IF_PRESENT, SET_KEEPING_TTL } = setOptions;
const { DEL, EXPIRE, GET, INCR, PERSIST, SET, SETKEEP, SETNX, SETXX, TOUCH } = operations;
const { decodeTtl, NO_TTL } = ttl;

/**
 * Replays a trace in batches (batches.ts): their requests are sent together and run in their order, at the time of the
 * first: what is sent together arrives together. The SETs that fill the misses among them follow together, as when
 * callers fetch from a database what they missed. In batches of one every fill follows its miss at once.
 */
export class Replay {
  /** The row that is next. */
  row = 0;
  private readonly engine: Engine;
  private readonly trace: TraceRows;
  private readonly batches: Batches;
  private readonly startMs: number;
  private readonly fillsMisses: boolean;
  /** Commands the server parses at a time; 0 = each when its turn comes. */
  private readonly parseWindow: number;
  readonly lookups: Lookups;

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
    this.parseWindow = engine.parseWindow;
    this.lookups = new Lookups(cell.pipeline);
  }

  /** Replays up to row `end` (excluded); a batch never reaches beyond it. */
  to(end: number): void {
    while (this.row < end) this.replayBatch(end);
  }

  /** Replays the batches that are the same whatever the rows from `end` on are: they reach `pipeline` rows at most. */
  within(end: number): void {
    while (this.row + this.lookups.missedRows.length <= end) this.replayBatch(end);
  }

  private replayBatch(end: number): void {
    const { engine, trace, lookups, startMs, parseWindow } = this;
    const { clock } = engine;
    const { times, tickMs } = trace;
    const first = this.row;
    const last = this.batches.endOf(first, end);
    lookups.missed = 0;
    engine.wake(startMs + times[first] * tickMs);
    let hasLookedAhead = false;
    for (let row = first; row < last;) {
      const parsed = parseWindow > 0 ? Math.min(last, row + parseWindow) : last;
      if (parseWindow > 0) this.queue(row, parsed);
      while (row < parsed) {
        if (trace.ops[row] === GET) row = engine.reads.run(trace, row, parsed, lookups);
        if (row === parsed) break;
        if (!hasLookedAhead) engine.lookAhead.requests(trace.keys, row, last);
        hasLookedAhead = true;
        this.request(row++);
      }
    }
    this.row = last;
    engine.endEvents();
    const { missedRows, missed } = lookups;
    if (missed === 0 || !this.fillsMisses) return;
    engine.lookAhead.writes(trace.keys, missedRows, missed);
    for (let i = 0; i < missed; i++) {
      if (parseWindow > 0 && i % parseWindow === 0) this.queueFills(i, missed);
      clock.row = missedRows[i];
      this.set(missedRows[i], SET_ALWAYS);
    }
    engine.sendReplies();
  }

  /** The server parses the commands of rows from `row` on before it runs the first of them. */
  private queue(row: number, end: number): void {
    const { engine, trace } = this;
    const { memory } = engine;
    let bytes = 0;
    for (let next = row; next < end; next++) {
      const op = trace.ops[next];
      if (op === GET) bytes += memory.get(trace.keys[next]);
      else if (op === SET || op === SETNX || op === SETXX || op === SETKEEP)
        bytes += this.setBytes(next);
      else if (op === EXPIRE) bytes += memory.expire(trace.keys[next]);
      else bytes += memory.get(trace.keys[next]);
    }
    engine.queue(end - row, bytes);
  }

  private queueFills(first: number, count: number): void {
    const end = Math.min(count, first + this.parseWindow);
    let bytes = 0;
    for (let i = first; i < end; i++) bytes += this.setBytes(this.lookups.missedRows[i]);
    this.engine.queue(end - first, bytes);
  }

  private setBytes(row: number): number {
    const { engine, trace } = this;
    const withTtl = trace.ttls[row] !== NO_TTL;
    return engine.memory.set(trace.keys[row], trace.valueBytes[row], withTtl);
  }

  /** Runs one row, of whatever kind. */
  private request(row: number): void {
    const { engine, trace } = this;
    engine.clock.row = row;
    const op = trace.ops[row];
    const id = trace.keys[row];
    if (op === GET) this.get(row);
    else if (op === SET) this.set(row, SET_ALWAYS);
    else if (op === DEL) engine.del(id);
    else if (op === INCR) engine.incr(id);
    else if (op === EXPIRE) engine.expire(id, ttlMsOf(trace, row));
    else if (op === TOUCH) engine.touch(id);
    else if (op === PERSIST) engine.persist(id);
    else if (op === SETNX) this.set(row, SET_IF_ABSENT);
    else if (op === SETXX) this.set(row, SET_IF_PRESENT);
    else if (op === SETKEEP) this.set(row, SET_KEEPING_TTL);
    else throw new InvariantError(`row ${row} has operation ${op}, which nobody replays`);
  }

  private get(row: number): void {
    const { trace, lookups } = this;
    const size = trace.valueBytes[row];
    lookups.lookupBytes += size;
    if (this.engine.get(trace.keys[row])) lookups.hitBytes += size;
    else lookups.missedRows[lookups.missed++] = row;
  }

  private set(row: number, mode: SetMode): void {
    const { trace } = this;
    this.engine.set(trace.keys[row], trace.valueBytes[row], ttlMsOf(trace, row), mode);
  }
}

function ttlMsOf(trace: TraceRows, row: number): number {
  const code = trace.ttls[row];
  return code === NO_TTL ? NEVER : decodeTtl(code);
}
