import {
  Engine,
  NEVER,
  SET_ALWAYS,
  SET_IF_ABSENT,
  SET_IF_PRESENT,
  SET_KEEPING_TTL,
} from '../engine/engine.ts';
import { policyNamed } from '../policies/registry.ts';
import { serverNamed } from '../servers/registry.ts';
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
} from '../trace/operations.ts';
import type { Trace } from '../trace/trace.ts';
import { decodeTtl, NO_TTL } from '../trace/ttl.ts';
import type { Cell, CellResult, Counters, TimelinePoint } from './cell.ts';
import { timelineCuts } from './timeline.ts';

/** Bytes asked for by lookups, which only the trace knows. */
interface LookupBytes {
  hit: number;
  all: number;
}

/** The server of a cell, empty, at the start of the trace. */
export function engineFor(trace: Trace, cell: Cell): Engine {
  const profile = serverNamed(cell.server);
  const startup = cell.startupMemoryBytes ?? profile.startupMemoryBytes(cell.allocator);
  const clients = cell.clientMemoryBytes ?? profile.idleClientBytes(cell.allocator);
  return new Engine(
    { ...cell, profile, policy: policyNamed(cell.policy), baseBytes: startup + clients },
    trace.keyBytes,
    cell.epochSeconds * 1000,
    trace,
  );
}

/** Replays a trace on one server. A pure function of its arguments, but for `elapsedMs`. */
export function runCell(trace: Trace, cell: Cell): CellResult {
  const engine = engineFor(trace, cell);
  const bytes: LookupBytes = { hit: 0, all: 0 };
  const warmupRows = Math.min(cell.warmupRows, trace.rows);
  const timeline: TimelinePoint[] = [];
  const started = performance.now();
  let row = 0;
  let afterWarmup = snapshot(engine, bytes, 0);
  let intervalStart = afterWarmup;
  const replayTo = (end: number): void => {
    if (row < warmupRows && warmupRows <= end) {
      replayRows(engine, trace, cell, bytes, row, warmupRows);
      row = warmupRows;
      afterWarmup = snapshot(engine, bytes, row);
    }
    replayRows(engine, trace, cell, bytes, row, end);
    row = end;
  };
  for (const cut of timelineCuts(trace, cell.timelineIntervalMs)) {
    replayTo(cut.row);
    const now = snapshot(engine, bytes, row);
    timeline.push({
      ...difference(now, intervalStart),
      timeMs: cut.timeMs,
      keys: engine.keyspace.main.size,
      usedMemoryBytes: engine.account.used,
    });
    intervalStart = now;
  }
  replayTo(trace.rows);
  return {
    ...difference(snapshot(engine, bytes, row), afterWarmup),
    cell,
    keys: engine.keyspace.main.size,
    usedMemoryBytes: engine.account.used,
    peakMemoryBytes: engine.account.peak,
    elapsedMs: performance.now() - started,
    timeline,
  };
}

/** The hot loop: rows `from` (included) to `to` (excluded), each at its own time. */
function replayRows(
  engine: Engine,
  trace: Trace,
  cell: Cell,
  bytes: LookupBytes,
  from: number,
  to: number,
): void {
  const { times, ops, keys, valueBytes, ttls, tickMs } = trace;
  const { clock } = engine;
  const startMs = cell.epochSeconds * 1000;
  const fillsMisses = cell.onMiss === 'fill';
  let hitBytes = 0;
  let allBytes = 0;
  for (let row = from; row < to; row++) {
    engine.advanceTo(startMs + times[row]! * tickMs);
    clock.row = row;
    const op = ops[row]!;
    const id = keys[row]!;
    const size = valueBytes[row]!;
    const ttl = ttls[row]!;
    const ttlMs = ttl === NO_TTL ? NEVER : decodeTtl(ttl);
    if (op === GET) {
      allBytes += size;
      if (engine.get(id)) hitBytes += size;
      else if (fillsMisses) engine.set(id, size, ttlMs, SET_ALWAYS);
    } else if (op === SET) engine.set(id, size, ttlMs, SET_ALWAYS);
    else if (op === DEL) engine.del(id);
    else if (op === INCR) engine.incr(id);
    else if (op === EXPIRE) engine.expire(id, ttlMs);
    else if (op === TOUCH) engine.touch(id);
    else if (op === PERSIST) engine.persist(id);
    else if (op === SETNX) engine.set(id, size, ttlMs, SET_IF_ABSENT);
    else if (op === SETXX) engine.set(id, size, ttlMs, SET_IF_PRESENT);
    else if (op === SETKEEP) engine.set(id, size, ttlMs, SET_KEEPING_TTL);
  }
  bytes.hit += hitBytes;
  bytes.all += allBytes;
}

function snapshot(engine: Engine, bytes: LookupBytes, requests: number): Counters {
  const { hits, misses, evictedKeys, expiredKeys, oomErrors } = engine.counters;
  return {
    requests,
    hits,
    misses,
    hitBytes: bytes.hit,
    lookupBytes: bytes.all,
    evictedKeys,
    expiredKeys,
    oomErrors,
  };
}

function difference(after: Counters, before: Counters): Counters {
  return {
    requests: after.requests - before.requests,
    hits: after.hits - before.hits,
    misses: after.misses - before.misses,
    hitBytes: after.hitBytes - before.hitBytes,
    lookupBytes: after.lookupBytes - before.lookupBytes,
    evictedKeys: after.evictedKeys - before.evictedKeys,
    expiredKeys: after.expiredKeys - before.expiredKeys,
    oomErrors: after.oomErrors - before.oomErrors,
  };
}
