import { Engine } from '../engine/engine.ts';
import { policyNamed } from '../policies/registry.ts';
import { serverNamed } from '../servers/registry.ts';
import type { Trace } from '../trace/trace.ts';
import { Replay } from './batch.ts';
import { RecordedBatches } from './batches.ts';
import type { Cell, CellResult, Counters, TimelinePoint } from './cell.ts';
import { timelineCuts } from './timeline.ts';

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

/**
 * Replays a trace on one server. A pure function of its arguments, but for `elapsedMs`. `batchEnds` are the batches of
 * a replay that was recorded; without them they are formed from the trace.
 */
export function runCell(trace: Trace, cell: Cell, batchEnds?: Uint32Array): CellResult {
  const engine = engineFor(trace, cell);
  const emptyMemoryBytes = engine.account.used;
  const recorded = batchEnds && new RecordedBatches(batchEnds);
  const replay = new Replay(engine, trace, cell, recorded);
  const warmupRows = Math.min(cell.warmupRows, trace.rows);
  const timeline: TimelinePoint[] = [];
  const started = performance.now();
  let afterWarmup = snapshot(engine, replay);
  let intervalStart = afterWarmup;
  const replayTo = (end: number): void => {
    if (replay.row < warmupRows && warmupRows <= end) {
      replay.to(warmupRows);
      afterWarmup = snapshot(engine, replay);
    }
    replay.to(end);
  };
  for (const cut of timelineCuts(trace, cell.timelineIntervalMs, 1000 / cell.hz)) {
    replayTo(cut.row);
    const now = snapshot(engine, replay);
    timeline.push({
      ...difference(now, intervalStart),
      timeMs: cut.timeMs,
      keys: engine.database.keyspace.main.size,
      usedMemoryBytes: engine.account.used,
    });
    intervalStart = now;
  }
  replayTo(trace.rows);
  return {
    ...difference(snapshot(engine, replay), afterWarmup),
    cell,
    keys: engine.database.keyspace.main.size,
    usedMemoryBytes: engine.account.used,
    peakMemoryBytes: engine.account.peak,
    emptyMemoryBytes,
    elapsedMs: performance.now() - started,
    timeline,
  };
}

function snapshot(engine: Engine, replay: Replay): Counters {
  const { hits, misses, evictedKeys, expiredKeys, oomErrors } = engine.database.counters;
  return {
    requests: replay.row,
    hits,
    misses,
    hitBytes: replay.hitBytes,
    lookupBytes: replay.lookupBytes,
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
