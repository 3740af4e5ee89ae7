import { spread } from '../metrics/spread.ts';
import type { Cell } from '../replay/cell.ts';
import type { TraceFacts } from './facts.ts';

/** What a run came to after the warm-up, scaled to the whole workload: no integers, when a sample was scaled up. */
export interface Counts {
  readonly misses: number;
  readonly missBytes: number;
  readonly evictedKeys: number;
  readonly expiredKeys: number;
  readonly oomErrors: number;
}

/** One policy at one maxmemory. */
export interface CurvePoint {
  readonly cell: Cell;
  /** Keys of the workload for one of a sample; 1 = the whole workload. */
  readonly weight: number;
  /** One per sample, scaled up, or one per seed. */
  readonly runs: readonly Counts[];
  /** Whether the keys of the warm-up fill this maxmemory, or it holds all there are; else the ratio is of a cache that fills. */
  readonly isFilled: boolean;
}

/** A figure and half of its 95 % interval; undefined where one run can't tell. */
export interface Estimate {
  readonly mean: number;
  readonly halfWidth: number | undefined;
}

/** A figure of a point. */
export interface Measure {
  readonly name: string;
  readonly better: 'higher' | 'lower';
  /** undefined where there is nothing to take it of. */
  readonly of: (counts: Counts, facts: TraceFacts) => number | undefined;
  /** What a share of the lookups is worth in this figure. */
  readonly perLookupShare: (facts: TraceFacts) => number;
}

const perSecond = (facts: TraceFacts): number => facts.lookups / facts.seconds;

const rate = (name: string, count: (counts: Counts) => number): Measure => ({
  name,
  better: 'lower',
  of: (counts, { seconds }) => (seconds > 0 ? count(counts) / seconds : undefined),
  perLookupShare: perSecond,
});

export const HIT_RATIO: Measure = {
  name: 'hit_ratio',
  better: 'higher',
  of: ({ misses }, { lookups }) => (lookups === 0 ? undefined : 1 - misses / lookups),
  perLookupShare: () => 1,
};

export const BYTE_HIT_RATIO: Measure = {
  name: 'byte_hit_ratio',
  better: 'higher',
  of: ({ missBytes }, { lookupBytes }) =>
    lookupBytes === 0 ? undefined : 1 - missBytes / lookupBytes,
  perLookupShare: () => 1,
};

export const MISSES_PER_S = rate('misses_per_s', (counts) => counts.misses);
export const EVICTIONS_PER_S = rate('evictions_per_s', (counts) => counts.evictedKeys);
export const EXPIRATIONS_PER_S = rate('expirations_per_s', (counts) => counts.expiredKeys);
export const REFUSALS_PER_S = rate('oom_errors_per_s', (counts) => counts.oomErrors);

/**
 * What a miniature is off by however many samples agree, as a share of the lookups: the mean distance from whole runs
 * in docs/sizing.md. It is part of every interval of a sampled point.
 */
export const MINIATURE_ERROR = 0.002;

export function estimate(
  point: CurvePoint,
  measure: Measure,
  facts: TraceFacts,
): Estimate | undefined {
  const values = point.runs
    .map((counts) => measure.of(counts, facts))
    .filter((v) => v !== undefined);
  if (values.length === 0) return undefined;
  const { mean, halfWidth95 } = spread(values);
  if (halfWidth95 === undefined || point.weight === 1) return { mean, halfWidth: halfWidth95 };
  return { mean, halfWidth: halfWidth95 + MINIATURE_ERROR * measure.perLookupShare(facts) };
}

/** Whether commands were refused: no place for a cache to be. */
export function refusesWrites(point: CurvePoint): boolean {
  return point.runs.some((counts) => counts.oomErrors >= 1);
}
