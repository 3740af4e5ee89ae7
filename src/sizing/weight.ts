/** Samples at a point: enough for an interval, few enough to pay. */
export const SAMPLES = 4;
/** Keys of a sample, or requests when those are many: with fewer of both, chance takes over (docs/sizing.md). */
export const SAMPLED_KEYS = 4096;
export const SAMPLED_REQUESTS = 65_536;
/**
 * Keys in memory at a point, at least: the pool of 16 candidates, the half key that does not fit and the arguments of the
 * running command do not get smaller with the sample (docs/sizing.md).
 */
export const KEYS_IN_MEMORY = 100;
/** The same where keys expire: ten times the 20 keys that the expire cycle looks at in one go. */
export const KEYS_IN_MEMORY_WITH_TTL = 200;

/** Whether a workload of `keys` keys is sampled at all: not when samples would be most of it. */
export function isSampled(keys: number): boolean {
  return keys >= SAMPLES * SAMPLED_KEYS;
}

/**
 * Keys of the workload for one of a sample, where about `keysInMemory` of them fit: the largest power of two that leaves
 * a sample enough keys or requests, and enough keys in memory; at least {@link SAMPLES}, when samples are all there is.
 */
export function weightFor(
  { keyCount, rows }: { keyCount: number; rows: number },
  keysInMemory: number,
  hasTtl: boolean,
): number {
  const thinnest = Math.max(keyCount / SAMPLED_KEYS, rows / SAMPLED_REQUESTS);
  const least = hasTtl ? KEYS_IN_MEMORY_WITH_TTL : KEYS_IN_MEMORY;
  const most = Math.max(1, Math.min(thinnest, keysInMemory / least));
  return Math.max(SAMPLES, 2 ** Math.floor(Math.log2(most)));
}
