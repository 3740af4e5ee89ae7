import type { CellResult } from '../replay/cell.ts';
import type { TraceFacts } from './facts.ts';
import type { Counts } from './point.ts';
import { hitsOfWhole, type ByReuse } from './reuse.ts';
import type { MiniatureCounts } from './run-miniature.ts';

export function countsOf(result: CellResult): Counts {
  const { misses, hitBytes, lookupBytes, evictedKeys, expiredKeys, oomErrors } = result;
  return { misses, missBytes: lookupBytes - hitBytes, evictedKeys, expiredKeys, oomErrors };
}

/** A sample without a limit and with one. */
export interface SampleRuns {
  readonly unlimited: MiniatureCounts;
  readonly limited: MiniatureCounts;
  readonly lookups: ByReuse;
}

/**
 * What the whole would count, told by a sample of one key in `weight`: of the hits there are without a limit, which are
 * known of the whole, the share that the limit leaves. Both are taken of the sample class by class of reuse and put
 * together as the whole has them, so that it does not matter which of them the sample happens to have more of.
 */
export function scaledUp(
  unlimited: Counts,
  sample: SampleRuns,
  { weight, facts, lookups }: { weight: number; facts: TraceFacts; lookups: ByReuse },
): Counts {
  const { unlimited: without, limited } = sample;
  const misses = (of: keyof ByReuse, count: 'misses' | 'missBytes', all: number): number => {
    const classes = { sample: sample.lookups[of], whole: lookups[of] };
    const most = hitsOfWhole(without.hits[of], classes);
    const left = hitsOfWhole(limited.hits[of], classes);
    return all - (all - unlimited[count]) * (most > 0 ? Math.min(1, left / most) : 0);
  };
  const expired =
    without.expiredKeys === 0
      ? weight * limited.expiredKeys
      : unlimited.expiredKeys * (limited.expiredKeys / without.expiredKeys);
  return {
    misses: misses('lookups', 'misses', facts.lookups),
    missBytes: misses('bytes', 'missBytes', facts.lookupBytes),
    evictedKeys: weight * limited.evictedKeys,
    expiredKeys: expired,
    oomErrors: weight * limited.oomErrors,
  };
}
