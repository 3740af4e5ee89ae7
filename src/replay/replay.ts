import { Engine } from '../engine/engine.ts';
import type { PolicyDefinition } from '../policies/policy.ts';
import { policyNamed } from '../policies/registry.ts';
import { serverNamed } from '../servers/registry.ts';
import { TraceWindow, type AnyTrace } from '../trace/window.ts';
import { Replay } from './batch.ts';
import { baseBytesOf } from './base-bytes.ts';
import type { Cell, CellResult, Counters, TimelinePoint } from './cell.ts';
import { RecordedBatches } from './recorded-batches.ts';
import { timelineCuts } from './timeline.ts';

/**
 * The server of a cell, empty, at the start of the trace; under `policy` instead of the cell's own, when given. Throws
 * UsageError for a policy that must know the whole trace, when that is on disk.
 */
export function engineFor(
  trace: AnyTrace,
  cell: Cell,
  policy: PolicyDefinition = policyNamed(cell.policy),
): Engine {
  return new Engine(
    { ...cell, profile: serverNamed(cell.server), policy, baseBytes: baseBytesOf(cell) },
    trace.keyBytes,
    cell.epochSeconds * 1000,
    'spool' in trace ? undefined : trace,
  );
}

/**
 * Replays a trace on one server. A pure function of its arguments, but for `elapsedMs`. `batchEnds` are the batches of
 * a replay that was recorded; without them they are formed from the trace.
 */
export function runCell(trace: AnyTrace, cell: Cell, batchEnds?: Uint32Array): CellResult {
  const engine = engineFor(trace, cell);
  const emptyMemoryBytes = engine.account.used;
  const recorded = batchEnds && new RecordedBatches(batchEnds);
  const passage = new Passage(engine, trace, cell, recorded);
  const warmupRows = Math.min(cell.warmupRows, trace.rows);
  const timeline: TimelinePoint[] = [];
  const started = performance.now();
  let afterWarmup = passage.counters();
  let intervalStart = afterWarmup;
  const replayTo = (end: number): void => {
    if (passage.row < warmupRows && warmupRows <= end) {
      passage.to(warmupRows);
      afterWarmup = passage.counters();
    }
    passage.to(end);
  };
  for (const cut of timelineCuts(trace, cell.timelineIntervalMs, 1000 / cell.hz)) {
    replayTo(cut.row);
    const now = passage.counters();
    timeline.push({
      ...difference(now, intervalStart),
      timeMs: cut.timeMs,
      keys: engine.database.keyspace.main.size,
      usedMemoryBytes: engine.account.used,
    });
    intervalStart = now;
  }
  replayTo(trace.rows);
  const result: CellResult = {
    ...difference(passage.counters(), afterWarmup),
    cell,
    keys: engine.database.keyspace.main.size,
    usedMemoryBytes: engine.account.used,
    peakMemoryBytes: engine.account.peak,
    emptyMemoryBytes,
    elapsedMs: performance.now() - started,
    timeline,
  };
  engine.release();
  return result;
}

/** A replay on its way through a trace, of which a part may be in memory at a time. */
class Passage {
  private readonly engine: Engine;
  private readonly window: TraceWindow;
  private readonly replay: Replay;

  constructor(engine: Engine, trace: AnyTrace, cell: Cell, recorded?: RecordedBatches) {
    this.engine = engine;
    this.window = new TraceWindow(trace, cell.pipeline);
    this.replay = new Replay(engine, this.window.columns, cell, { ...(recorded && { recorded }) });
  }

  /** Rows replayed so far. */
  get row(): number {
    return this.window.first + this.replay.row;
  }

  /** Replays up to row `end` (excluded); a batch never reaches beyond it. */
  to(end: number): void {
    const { window, replay } = this;
    while (end > window.end) {
      // Where a batch ends depends on the rows behind it: the last ones wait for those.
      replay.within(window.rows);
      window.advance(replay.row);
      replay.rewind();
    }
    replay.to(end - window.first);
  }

  /** What was counted so far. */
  counters(): Counters {
    const { hits, misses, evictedKeys, expiredKeys, oomErrors } = this.engine.database.counters;
    return {
      requests: this.row,
      hits,
      misses,
      hitBytes: this.replay.rows.hitBytes,
      lookupBytes: this.replay.rows.lookupBytes,
      evictedKeys,
      expiredKeys,
      oomErrors,
    };
  }
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
