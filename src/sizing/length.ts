import type { TraceFacts } from './facts.ts';
import { HIT_RATIO } from './point.ts';
import type { Target } from './target.ts';

/** Of the misses a target allows, first requests of a key may take this share; they end, the others go on. */
const COMPULSORY_SHARE = 0.5;
const MOST_REQUESTS = 16_000_000;

/**
 * Whether a generated workload of `requests` is too short to judge a hit ratio by: first requests of a key, which end
 * once all keys have been asked for, take more than half of the misses that the target allows.
 */
export function isTooShort(
  requests: number,
  facts: TraceFacts,
  targets: readonly Target[],
): boolean {
  if (requests * 2 > MOST_REQUESTS) return false;
  return targets.some(
    ({ measure, goal }) =>
      measure === HIT_RATIO &&
      goal < 1 &&
      facts.compulsoryMisses > COMPULSORY_SHARE * (1 - goal) * facts.lookups,
  );
}
