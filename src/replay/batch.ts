import {
  type Engine,
  NEVER,
  SET_ALWAYS,
  SET_IF_ABSENT,
  SET_IF_PRESENT,
  SET_KEEPING_TTL,
} from '../engine/engine.ts';
import {
  DEL,
  EXPIRE,
  GET,
  INCR,
  PERSIST,
  SETKEEP,
  SETNX,
  SETXX,
  TOUCH,
} from '../trace/operations.ts';
import type { Trace } from '../trace/trace.ts';
import { decodeTtl, NO_TTL } from '../trace/ttl.ts';
import type { Cell } from './cell.ts';

/**
 * Replays a trace as one client would: requests that arrive within one period of the server's timer are sent up to
 * `pipeline` at a time; their reads are answered first, then come their writes and the SETs that fill their misses,
 * as when many callers fetch what they missed from a database meanwhile. A key is in a batch only once, so that what
 * happens to a key happens in the order of the trace.
 */
export class Replay {
  hitBytes = 0;
  lookupBytes = 0;
  /** Rows replayed so far. */
  row = 0;
  private readonly engine: Engine;
  private readonly trace: Trace;
  private readonly startMs: number;
  private readonly periodMs: number;
  private readonly pipeline: number;
  private readonly fillsMisses: boolean;
  /** Rows of the batch whose writes are still to come. */
  private readonly writes: Int32Array;
  /** Per key, the batch it was last in. */
  private readonly batchOfKey: Uint32Array;
  private batch = 0;

  constructor(engine: Engine, trace: Trace, cell: Cell) {
    this.engine = engine;
    this.trace = trace;
    this.startMs = cell.epochSeconds * 1000;
    this.periodMs = 1000 / cell.hz;
    this.pipeline = cell.pipeline;
    this.fillsMisses = cell.onMiss === 'fill';
    this.writes = new Int32Array(cell.pipeline);
    this.batchOfKey = new Uint32Array(trace.keyCount);
  }

  /** Replays up to row `end` (excluded); a batch never reaches beyond it. */
  to(end: number): void {
    while (this.row < end) this.replayBatch(end);
  }

  private replayBatch(end: number): void {
    const { engine, trace, batchOfKey, writes, startMs } = this;
    const { times, ops, keys, valueBytes, tickMs } = trace;
    const batch = ++this.batch;
    const first = this.row;
    const last = Math.min(end, first + this.pipeline);
    const firstMs = times[first] * tickMs;
    const untilMs = (Math.floor(firstMs / this.periodMs) + 1) * this.periodMs;
    let writeCount = 0;
    engine.wake(startMs + firstMs);
    let row = first;
    for (; row < last; row++) {
      const id = keys[row];
      const timeMs = times[row] * tickMs;
      if (timeMs >= untilMs || batchOfKey[id] === batch) break;
      batchOfKey[id] = batch;
      const op = ops[row];
      if (op === GET) {
        engine.clock.row = row;
        engine.clock.nowMs = startMs + timeMs;
        const size = valueBytes[row];
        this.lookupBytes += size;
        if (engine.get(id)) this.hitBytes += size;
        else if (this.fillsMisses) writes[writeCount++] = row;
      } else if (op === TOUCH) {
        engine.clock.row = row;
        engine.clock.nowMs = startMs + timeMs;
        engine.touch(id);
      } else {
        writes[writeCount++] = row;
      }
    }
    this.row = row;
    engine.sendReplies();
    if (writeCount === 0) return;
    engine.clock.nowMs = startMs + times[row - 1] * tickMs;
    for (let i = 0; i < writeCount; i++) this.write(writes[i]);
    engine.sendReplies();
  }

  private write(row: number): void {
    const { engine, trace } = this;
    const op = trace.ops[row];
    const id = trace.keys[row];
    const size = trace.valueBytes[row];
    const ttl = trace.ttls[row];
    const ttlMs = ttl === NO_TTL ? NEVER : decodeTtl(ttl);
    engine.clock.row = row;
    if (op === DEL) engine.del(id);
    else if (op === INCR) engine.incr(id);
    else if (op === EXPIRE) engine.expire(id, ttlMs);
    else if (op === PERSIST) engine.persist(id);
    else if (op === SETNX) engine.set(id, size, ttlMs, SET_IF_ABSENT);
    else if (op === SETXX) engine.set(id, size, ttlMs, SET_IF_PRESENT);
    else if (op === SETKEEP) engine.set(id, size, ttlMs, SET_KEEPING_TTL);
    else engine.set(id, size, ttlMs, SET_ALWAYS);
  }
}
