import type { CellResult } from '../replay/cell.ts';
import type { TraceFacts } from './facts.ts';
import type { Counts } from './point.ts';

export function countsOf(result: CellResult): Counts {
  const { misses, hitBytes, lookupBytes, evictedKeys, expiredKeys, oomErrors } = result;
  return { misses, missBytes: lookupBytes - hitBytes, evictedKeys, expiredKeys, oomErrors };
}

/**
 * What the whole would count, told by a sample of one key in `weight`: of the hits there are without a limit, which are
 * known of the whole, the share that the limit leaves the sample. Hits of a sample are the lookups it stands for less
 * its misses: a hot key, of which a sample has none or one too many, hardly misses.
 */
export function scaledUp(
  unlimited: Counts,
  sample: { readonly unlimited: CellResult; readonly limited: CellResult },
  { weight, facts }: { weight: number; facts: TraceFacts },
): Counts {
  const [without, limited] = [countsOf(sample.unlimited), countsOf(sample.limited)];
  const misses = (count: 'misses' | 'missBytes', lookups: number): number => {
    const hits = lookups - unlimited[count];
    const [all, left] = [without, limited].map((counts) => lookups - weight * counts[count]);
    const kept = all > 0 ? left / all : 0;
    return lookups - hits * Math.min(1, Math.max(0, kept));
  };
  const expired =
    without.expiredKeys === 0
      ? weight * limited.expiredKeys
      : unlimited.expiredKeys * (limited.expiredKeys / without.expiredKeys);
  return {
    misses: misses('misses', facts.lookups),
    missBytes: misses('missBytes', facts.lookupBytes),
    evictedKeys: weight * limited.evictedKeys,
    expiredKeys: expired,
    oomErrors: weight * limited.oomErrors,
  };
}
