/** Samples at a point: enough for an interval, few enough to pay. */
export const SAMPLES = 4;
/** Keys of a sample, or requests when those are many: with fewer of both, chance takes over (docs/sizing.md). */
export const SAMPLED_KEYS = 4096;
export const SAMPLED_REQUESTS = 16_384;
/** The same where keys expire: when they happen to is one more thing of chance. */
export const SAMPLED_REQUESTS_EXPIRING = 32_768;
/** The same where some do and some don't: each kind is a part of the keys. */
export const SAMPLED_REQUESTS_MIXED = 65_536;

/** What becomes of keys by itself. */
export interface Expiry {
  readonly hasTtl: boolean;
  readonly allHaveTtl: boolean;
  readonly manyExpire: boolean;
  /** Whether the policy evicts by it. */
  readonly decides?: boolean;
}

/** Keys in memory at a point, at least: twice the pool of 16 candidates (docs/sizing.md). */
export const KEYS_IN_MEMORY = 32;
/**
 * The same under volatile-ttl: `twitter-cluster-29` is 3.0 points too high with 13 keys, 1.1 with 38, 0.9 with 51, 0.3 with 154. Why is not
 * known; it is not the pool, with 4 places it is the same (docs/sizing.md).
 */
export const KEYS_IN_MEMORY_BY_TTL = 64;
/** The same where so many expire that a good part of them is dead: how many goes up and down by itself. */
export const KEYS_IN_MEMORY_OF_MANY_EXPIRING = 64;

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
  { hasTtl, allHaveTtl, manyExpire, decides = false }: Expiry,
): number {
  const expiring = allHaveTtl ? SAMPLED_REQUESTS_EXPIRING : SAMPLED_REQUESTS_MIXED;
  const requests = hasTtl ? expiring : SAMPLED_REQUESTS;
  const thinnest = Math.max(keyCount / SAMPLED_KEYS, rows / requests);
  const least = Math.max(
    KEYS_IN_MEMORY,
    manyExpire ? KEYS_IN_MEMORY_OF_MANY_EXPIRING : 0,
    decides ? KEYS_IN_MEMORY_BY_TTL : 0,
  );
  const most = Math.max(1, Math.min(thinnest, keysInMemory / least));
  return Math.max(SAMPLES, 2 ** Math.floor(Math.log2(most)));
}
