import type { CellResult } from '../replay/cell.ts';
import { hitRatio } from './columns.ts';
import { sameWithinNoise, spread, type Spread } from './spread.ts';

/** Results that differ in nothing but the seed. */
export interface SeedGroup {
  /** One per seed, in the order of the seeds; at least one. */
  readonly results: readonly CellResult[];
  /** undefined without lookups. */
  readonly hitRatio: Spread | undefined;
}

export function seedGroup(results: readonly CellResult[]): SeedGroup {
  const ratios = hitRatios(results);
  return { results, hitRatio: ratios.length === 0 ? undefined : spread(ratios) };
}

/**
 * Whether two groups have the same hit ratio within the noise of their seeds, pair by pair. undefined when that can't be
 * said: no lookups, seeds that one of them lacks (an interrupted run), or a single seed.
 */
export function sameHitRatio(a: SeedGroup, b: SeedGroup): boolean | undefined {
  if (a.hitRatio === undefined || b.hitRatio === undefined) return undefined;
  const seeds = new Set(b.results.map((r) => r.cell.seed));
  const paired = a.results.filter((r) => seeds.has(r.cell.seed));
  if (paired.length !== b.results.length) return undefined;
  return sameWithinNoise(hitRatios(paired), hitRatios(b.results));
}

function hitRatios(results: readonly CellResult[]): number[] {
  return results.map(hitRatio).filter((ratio) => ratio !== undefined);
}

export function meanOf(
  { results }: Pick<SeedGroup, 'results'>,
  of: (result: CellResult) => number,
): number {
  return results.reduce((sum, result) => sum + of(result), 0) / results.length;
}

/** Items with the same key together, keys in the order of their first item. */
export function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): T[][] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return [...groups.values()];
}
