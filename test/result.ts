import type { Cell, CellResult } from '../src/replay/cell.ts';
import { DEFAULT_SETTINGS } from '../src/replay/defaults.ts';

/** A cell with every setting at its default, for tests that need only some of them. */
export function someCell(changes: Partial<Cell> = {}): Cell {
  return {
    workload: 'w',
    server: 'redis-7.0',
    allocator: 'jemalloc-q8',
    policy: 'allkeys-lru',
    maxmemoryBytes: 5_000_000,
    ...DEFAULT_SETTINGS,
    pipeline: 1,
    serverTime: 'none',
    seed: 1,
    warmupRows: 0,
    timelineIntervalMs: 0,
    ...changes,
  };
}

/** What a cell might have come to: 1000 lookups, `hits` of them found. */
export function someResult(
  cell: Partial<Cell>,
  hits: number,
  changes: Partial<CellResult> = {},
): CellResult {
  return {
    cell: someCell(cell),
    requests: 1000,
    hits,
    misses: 1000 - hits,
    hitBytes: hits * 10,
    lookupBytes: 10_000,
    evictedKeys: 1234,
    expiredKeys: 0,
    oomErrors: 0,
    keys: 17,
    usedMemoryBytes: 4_999_000,
    peakMemoryBytes: 5_000_100,
    emptyMemoryBytes: 899_000,
    elapsedMs: 12.3456,
    timeline: [],
    ...changes,
  };
}
