/** The chained dictionary, where versions differ. */
export interface DictRules {
  /**
   * A sample sees its last chain to the end, each further key replacing an earlier one at random. Without it sampling
   * stops in the middle of the chain, and keys further down are never seen there.
   */
  readonly samplesWholeChains: boolean;
  /** A growth that would exceed the memory limit is refused, up to 1.618 keys per bucket. */
  readonly growthVeto: boolean;
  /**
   * `timer`: at a tick that finds less than a tenth of the buckets' worth of keys. `delete`: as soon as a deletion
   * leaves an eighth or less, unless the new array would exceed the memory limit.
   */
  readonly shrinks: 'timer' | 'delete';
  /** The timer doubles a table that is exactly full. */
  readonly timerGrows: boolean;
  /** During a rehash a lookup moves the very bucket it looks at, if that is still to be moved; else the next one. */
  readonly movesBucketLookedUp: boolean;
  /** What the table takes besides its array from its first key on, for good. */
  readonly firstKeyBytes: { readonly main: number; readonly expires: number };
  /**
   * What a key costs that is put in front of another one in its chain, by insertion or by a rehash, until it goes or is
   * moved again. 0 where every key has an entry, which the string layout counts.
   */
  readonly nodeBytes: number;
}

/** The smallest table. */
export const INITIAL_BUCKETS = 4;

/** Buckets of a table for that many keys. */
export function nextPowerOfTwo(atLeast: number): number {
  let size = INITIAL_BUCKETS;
  while (size < atLeast) size *= 2;
  return size;
}
