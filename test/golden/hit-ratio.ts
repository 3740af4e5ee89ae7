import { runCell } from '../../src/replay/replay.ts';
import type { Cell, CellResult } from '../../src/replay/cell.ts';
import type { Allocator } from '../../src/servers/profile.ts';
import type { Trace } from '../../src/trace/trace.ts';
import { goldenRows, goldenTrace } from './data.ts';

/** Runs of one server with the same trace, policy and settings: their spread is the server's own noise. */
export interface GoldenCell {
  readonly trace: string;
  readonly policy: string;
  readonly samples: number;
  readonly lfuLogFactor: number;
  readonly lfuDecayTime: number;
  readonly maxmemoryBytes: number;
  /** `used_memory` with the client connected and nothing stored. */
  readonly emptyBytes: number;
  readonly runs: readonly Figures[];
}

/** What is compared. Ratios in points (0 … 100), the rest counts. */
export interface Figures {
  readonly hitRatio: number;
  readonly evictedKeys: number;
  readonly expiredKeys: number;
  readonly oomErrors: number;
  readonly keys: number;
}

export interface Comparison {
  readonly cell: GoldenCell;
  readonly server: Figures;
  readonly model: Figures;
  /** Standard error of the difference in hit ratio, points: what repeated runs of both would move it by. */
  readonly standardError: number;
}

/** A server build as the measurements name it. */
export interface GoldenBuild {
  readonly server: string;
  readonly version: string;
  readonly allocator: Allocator;
  /** The profile that models it. */
  readonly profile: string;
}

/** Every cell measured on a build. */
export function goldenCells(build: GoldenBuild): GoldenCell[] {
  const cells = new Map<string, GoldenCell & { runs: Figures[] }>();
  for (const row of goldenRows('hit_ratio.csv')) {
    if (row['server'] !== build.server || row['version'] !== build.version) continue;
    if (row['allocator'] !== build.allocator) continue;
    const number = (column: string): number => Number(row[column]);
    const key = [
      row['trace'],
      row['policy'],
      row['maxmemory_samples'],
      row['lfu_log_factor'],
      row['lfu_decay_time'],
    ].join(' ');
    let cell = cells.get(key);
    if (cell === undefined) {
      cell = {
        trace: row['trace']!,
        policy: row['policy']!,
        samples: number('maxmemory_samples'),
        lfuLogFactor: number('lfu_log_factor'),
        lfuDecayTime: number('lfu_decay_time'),
        maxmemoryBytes: number('maxmemory_bytes'),
        emptyBytes: number('used_memory_connected_empty'),
        runs: [],
      };
      cells.set(key, cell);
    }
    cell.runs.push({
      hitRatio: (100 * number('hits')) / (number('hits') + number('misses')),
      evictedKeys: number('evicted_keys'),
      expiredKeys: number('expired_keys'),
      oomErrors: number('oom_errors'),
      keys: number('keys_at_end'),
    });
  }
  return [...cells.values()];
}

/**
 * Replays every cell of a build with `seeds` seeds. One number is fitted per trace, the bytes of the measuring
 * client's buffers, on that trace's noeviction cell alone, where the keys at the end tell it.
 */
export async function compareBuild(build: GoldenBuild, seeds: number): Promise<Comparison[]> {
  const comparisons: Comparison[] = [];
  const cells = goldenCells(build);
  for (const name of new Set(cells.map((cell) => cell.trace))) {
    const trace = await goldenTrace(name);
    const ofTrace = cells.filter((cell) => cell.trace === name);
    const full = ofTrace.find((cell) => cell.policy === 'noeviction')!;
    const client = fitClientMemory(trace, build, full, seeds);
    for (const cell of ofTrace) comparisons.push(compare(trace, build, cell, client, seeds));
  }
  return comparisons;
}

function compare(
  trace: Trace,
  build: GoldenBuild,
  cell: GoldenCell,
  clientMemoryBytes: number,
  seeds: number,
): Comparison {
  const model = replays(trace, build, cell, clientMemoryBytes, seeds);
  const modelSpread = variance(model.map((run) => run.hitRatio));
  // A cell measured once has no spread of its own; the model's is the best guess at it.
  const serverSpread =
    cell.runs.length > 1 ? variance(cell.runs.map((run) => run.hitRatio)) : modelSpread;
  return {
    cell,
    server: average(cell.runs),
    model: average(model),
    standardError: Math.sqrt(modelSpread / seeds + serverSpread / cell.runs.length),
  };
}

function fitClientMemory(
  trace: Trace,
  build: GoldenBuild,
  cell: GoldenCell,
  seeds: number,
): number {
  const target = average(cell.runs).keys;
  let low = 0;
  let high = 256 * 1024;
  while (high - low > 512) {
    const middle = (low + high) >> 1;
    if (average(replays(trace, build, cell, middle, seeds)).keys > target) low = middle;
    else high = middle;
  }
  return high;
}

function replays(
  trace: Trace,
  build: GoldenBuild,
  cell: GoldenCell,
  clientMemoryBytes: number,
  seeds: number,
): Figures[] {
  return Array.from({ length: seeds }, (_, seed) => {
    const settings: Cell = {
      workload: cell.trace,
      server: build.profile,
      allocator: build.allocator,
      policy: cell.policy,
      maxmemoryBytes: cell.maxmemoryBytes,
      maxmemorySamples: cell.samples,
      lfuLogFactor: cell.lfuLogFactor,
      lfuDecayTime: cell.lfuDecayTime,
      hz: 10,
      activeExpireEffort: 1,
      evictionTenacity: 10,
      startupMemoryBytes: cell.emptyBytes,
      clientMemoryBytes,
      onMiss: 'fill',
      pipeline: 16,
      epochSeconds: 1_700_000_000,
      serverTime: 'none',
      seed,
      warmupRows: 0,
      timelineIntervalMs: 0,
    };
    return figures(runCell(trace, settings));
  });
}

function figures(result: CellResult): Figures {
  return {
    hitRatio: (100 * result.hits) / (result.hits + result.misses),
    evictedKeys: result.evictedKeys,
    expiredKeys: result.expiredKeys,
    oomErrors: result.oomErrors,
    keys: result.keys,
  };
}

function average(runs: readonly Figures[]): Figures {
  const mean = (pick: (run: Figures) => number): number =>
    runs.reduce((sum, run) => sum + pick(run), 0) / runs.length;
  return {
    hitRatio: mean((run) => run.hitRatio),
    evictedKeys: mean((run) => run.evictedKeys),
    expiredKeys: mean((run) => run.expiredKeys),
    oomErrors: mean((run) => run.oomErrors),
    keys: mean((run) => run.keys),
  };
}

function variance(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
}
