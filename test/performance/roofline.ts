import { mix32 } from '../../src/random.ts';
import type { Trace } from '../../src/trace/trace.ts';

/** What a replay came to: how often each kind of memory access was needed, and in tables of what size. */
export interface AccessCounts {
  readonly hits: number;
  /** Misses that were filled. */
  readonly insertions: number;
  readonly evictions: number;
  /** Keys a policy looks at per eviction. */
  readonly samples: number;
  readonly residents: number;
  /** All keys have a TTL: a time to compare with, and a place in a second table. */
  readonly areVolatile: boolean;
  /** Keys are in a ring in the order in which they were touched. */
  readonly areInRing: boolean;
}

/**
 * The least that any replay of a trace must do: the same columns read in the same order, and as many random accesses
 * as the model needs per lookup, insertion and eviction, in tables of the same size, without any logic. Returns a sum
 * nobody needs, so that nothing is left out.
 *
 * `overlapping`: accesses wait for each other only within a lookup, so the processor has those of many requests under
 * way at once. No engine can be as fast whose requests have anything to do with each other. `dependent`: each step waits
 * for the one before, as in a program whose every step needs what the step before it found; a lookup, an insertion, a look at a
 * sampled key and what is to be done about the victim are one each.
 *
 * Per request: the key's entry in the directory, then its record (two fields; a third for a key with a TTL). Per hit in a
 * ring: both neighbours. Per insertion: the bucket of each table it is put into. Per eviction: a random bucket, the records
 * of the sampled keys it leads to, the victim's record (two fields more), its entry in the directory, which is no longer
 * true, its bucket in each table, and its neighbour in a ring.
 */
export function rooflineOf(
  trace: Trace,
  counts: AccessCounts,
  accesses: 'overlapping' | 'dependent',
): () => number {
  const { rows, keyCount } = trace;
  const { residents, samples, areVolatile, areInRing } = counts;
  let buckets = 4;
  while (buckets < residents) buckets *= 2;
  const slotFor = (number: number): number => mix32(number) % Math.max(1, residents);
  const slots = (salt: number, length: number): Int32Array =>
    Int32Array.from({ length }, (_, i) => slotFor(i + salt));
  const directory = slots(0, keyCount);
  const heads = slots(keyCount, buckets);
  const expiresHeads = slots(keyCount + buckets, areVolatile ? buckets : 0);
  const ring = slots(keyCount, areInRing ? 2 * (residents + 1) : 0);
  const meta = new Int32Array(residents + 1);
  const values = new Int32Array(residents + 1);
  const ids = Int32Array.from({ length: residents + 1 }, (_, slot) => mix32(slot) % keyCount);
  const bytes = new Int32Array(residents + 1);
  const expiries = new Int32Array(areVolatile ? 2 * (residents + 1) : 0);
  const hitsPerRow = counts.hits / rows;
  const insertionsPerRow = counts.insertions / rows;
  const evictionsPerRow = counts.evictions / rows;
  const isDependent = accesses === 'dependent';
  // Zero, which the compiler can't know and the processor has to wait for.
  const zero = keyCount > 0 ? 0 : 1;
  // An index that what the sum is made of has to be waited for.
  const after = (sum: number, index: number): number =>
    isDependent ? index ^ (sum & zero) : index;
  return () => {
    const { times, ops, keys, valueBytes, ttls } = trace;
    const mask = buckets - 1;
    const slotMask = (buckets >> 1) - 1;
    let sum = 0;
    let hits = 0;
    let insertions = 0;
    let evictions = 0;
    for (let row = 0; row < rows; row++) {
      const id = keys[row];
      const slot = directory[after(sum, id)];
      meta[slot] = sum;
      sum = (sum + times[row] + ops[row] + valueBytes[row] + ttls[row] + values[slot]) | 0;
      if (areVolatile) sum = (sum + expiries[2 * slot]) | 0;
      hits += hitsPerRow;
      if (hits >= 1) {
        hits--;
        if (areInRing) sum = (sum + ring[2 * ring[2 * slot]] + ring[2 * ring[2 * slot + 1]]) | 0;
      }
      insertions += insertionsPerRow;
      if (insertions >= 1) {
        insertions--;
        const bucket = after(sum, Math.imul(id, 0x9e37_79b1)) & mask;
        if (areVolatile) sum = (sum + expiresHeads[bucket]) | 0;
        sum = (sum + heads[bucket]) | 0;
      }
      evictions += evictionsPerRow;
      while (evictions >= 1) {
        evictions--;
        const bucket = Math.imul(row ^ (sum & 1), 0x85eb_ca6b) >>> 7;
        // The oldest of a ring can be any key.
        let last = areInRing ? bucket & slotMask : 0;
        for (let i = 0; i < samples; i++) {
          last = heads[after(sum, bucket + i) & mask];
          sum = (sum + (areVolatile ? expiries[2 * last] : meta[last])) | 0;
        }
        if (areInRing) sum = (sum + ring[2 * ring[2 * last]]) | 0;
        const victim = ids[last];
        sum = (sum + bytes[last] + directory[victim]) | 0;
        const victims = Math.imul(last, 0xc2b2_ae35) & mask;
        if (areVolatile) sum = (sum + expiresHeads[victims]) | 0;
        sum = (sum + heads[victims]) | 0;
      }
    }
    return sum;
  };
}
