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
  /** One per seed; the server's are the cell's. */
  readonly modelRuns: readonly Figures[];
  /** Standard errors of the differences: what repeated runs of both would move them by. */
  readonly standardErrors: Figures;
}

/** A server build as the measurements name it. */
export interface GoldenBuild {
  readonly server: string;
  readonly version: string;
  readonly allocator: Allocator;
  /** What the file says its allocator is, where that is wrong. */
  readonly markedAs?: string;
  /** The profile that models it. */
  readonly profile: string;
}

/** hit_ratio_more.csv: our own repeats; test/golden/README.md says how. */
const MEASUREMENTS = ['hit_ratio.csv', 'hit_ratio_more.csv'];

/** Every cell measured on a build. */
export function goldenCells(build: GoldenBuild): GoldenCell[] {
  const cells = new Map<string, GoldenCell & { runs: Figures[] }>();
  for (const row of MEASUREMENTS.flatMap(goldenRows)) {
    if (row.server !== build.server || row.version !== build.version) continue;
    if (row.allocator !== (build.markedAs ?? build.allocator)) continue;
    const number = (column: string): number => Number(row[column]);
    const key = [
      row.trace,
      row.policy,
      row.maxmemory_samples,
      row.lfu_log_factor,
      row.lfu_decay_time,
    ].join(' ');
    let cell = cells.get(key);
    if (cell === undefined) {
      cell = {
        trace: row.trace,
        policy: row.policy,
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

/** The cell that one number is fitted on: no test of the model. */
const isFitted = ({ trace, policy }: GoldenCell): boolean =>
  trace === 'zipf-no-ttl' && policy === 'noeviction';

/**
 * Whether nothing but what fits decides, as in the fitted cell: no key was evicted or expired. There is no chance in it
 * that distributions could be compared by.
 */
export function fillsOnly({ cell, modelRuns }: Comparison): boolean {
  return [...cell.runs, ...modelRuns].every(
    (run) => run.evictedKeys === 0 && run.expiredKeys === 0,
  );
}

/**
 * Replays the cells of a build that `only` picks with `seeds` seeds. One number is fitted per build, the bytes of the measuring
 * client that are not its reply buffer, on one cell: noeviction with values of one size, where the keys at the end
 * tell it exactly.
 */
export async function compareBuild(
  build: GoldenBuild,
  seeds: number,
  only: (cell: GoldenCell) => boolean = () => true,
): Promise<Comparison[]> {
  const cells = goldenCells(build);
  const traces = new Map<string, Trace>();
  for (const name of new Set(cells.map((cell) => cell.trace))) {
    traces.set(name, await goldenTrace(name));
  }
  const full = cells.find(isFitted)!;
  const client = fitClientMemory(traces.get(full.trace)!, build, full);
  return cells
    .filter(only)
    .map((cell) => compare(traces.get(cell.trace)!, build, cell, client, seeds));
}

function compare(
  trace: Trace,
  build: GoldenBuild,
  cell: GoldenCell,
  clientMemoryBytes: number,
  seeds: number,
): Comparison {
  const model = replays(trace, build, cell, clientMemoryBytes, seeds);
  const modelSpread = combine(model, variance);
  // A cell measured once has no spread of its own; the model's is the best guess at it.
  const serverSpread = cell.runs.length > 1 ? combine(cell.runs, variance) : modelSpread;
  return {
    cell,
    server: combine(cell.runs, mean),
    model: combine(model, mean),
    modelRuns: model,
    standardErrors: combine([modelSpread, serverSpread], ([ofModel, ofServer]) =>
      Math.sqrt(ofModel / seeds + ofServer / cell.runs.length),
    ),
  };
}

function fitClientMemory(trace: Trace, build: GoldenBuild, cell: GoldenCell): number {
  const target = combine(cell.runs, mean).keys;
  let low = 0;
  let high = 256 * 1024;
  while (high - low > 32) {
    const middle = (low + high) >> 1;
    // Equal keys are stored until memory is full, so one seed is as good as many.
    if (combine(replays(trace, build, cell, middle, 1), mean).keys > target) low = middle;
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

/** Applies `of` to each figure of several runs. */
function combine(runs: readonly Figures[], of: (values: number[]) => number): Figures {
  const each = (pick: (run: Figures) => number): number => of(runs.map(pick));
  return {
    hitRatio: each((run) => run.hitRatio),
    evictedKeys: each((run) => run.evictedKeys),
    expiredKeys: each((run) => run.expiredKeys),
    oomErrors: each((run) => run.oomErrors),
    keys: each((run) => run.keys),
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function variance(values: readonly number[]): number {
  const middle = mean(values);
  return values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - 1);
}
