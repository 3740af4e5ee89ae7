import { DEFAULT_SETTINGS } from '../../src/replay/defaults.ts';
import type { Cell } from '../../src/replay/cell.ts';
import type { Curve } from '../../src/sizing/curve.ts';
import type { TraceFacts } from '../../src/sizing/facts.ts';
import type { CurvePoint } from '../../src/sizing/point.ts';

/** 1,000 lookups in 100 s. */
export const FACTS: TraceFacts = {
  warmupRows: 0,
  lookups: 1000,
  lookupBytes: 100_000,
  compulsoryMisses: 50,
  seconds: 100,
  hasTtl: false,
  allHaveTtl: false,
};

export const CELL: Cell = {
  ...DEFAULT_SETTINGS,
  workload: 'w',
  server: 'redis-7.2',
  allocator: 'jemalloc-q8',
  policy: 'allkeys-lru',
  maxmemoryBytes: 0,
  seed: 1,
  warmupRows: 0,
  timelineIntervalMs: 0,
};

export interface GivenPoint {
  readonly bytes: number;
  /** One per run. */
  readonly hitRatios: readonly number[];
  readonly oomErrors?: number;
}

export function pointOf({ bytes, hitRatios, oomErrors = 0 }: GivenPoint, cell = CELL): CurvePoint {
  return {
    cell: { ...cell, maxmemoryBytes: bytes },
    weight: 8,
    isFilled: true,
    runs: hitRatios.map((ratio) => ({
      misses: FACTS.lookups * (1 - ratio),
      missBytes: FACTS.lookupBytes * (1 - ratio),
      evictedKeys: FACTS.lookups * (1 - ratio),
      expiredKeys: 0,
      oomErrors,
    })),
  };
}

/** A curve over nothing but data. */
export function curveOf(points: readonly GivenPoint[], policy = 'allkeys-lru'): Curve {
  const cell = { ...CELL, policy };
  return { cell, fixedBytes: 0, points: points.map((point) => pointOf(point, cell)) };
}
