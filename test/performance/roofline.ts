import { mix32 } from '../../src/random.ts';
import type { Trace } from '../../src/trace/trace.ts';

/** What a replay came to: how often each kind of memory access was needed, and in tables of what size. */
export interface AccessCounts {
  readonly misses: number;
  readonly evictions: number;
  /** Keys a policy looks at per eviction. */
  readonly samples: number;
  readonly residents: number;
}

/**
 * The least that any replay of a trace must do: the same columns read in the same order, and as many random accesses
 * as the model needs per lookup, insertion and eviction, in tables of the same size, without any logic. Returns a sum
 * nobody needs, so that nothing is left out.
 *
 * `overlapping`: accesses wait for each other only within a lookup, so the processor has those of many requests under
 * way at once. No engine can be as fast whose requests have anything to do with each other. `dependent`: each access waits
 * for the one before, as in a program whose every step needs what the step before it found.
 *
 * Per request: the key's entry in the directory, then its record (two fields). Per miss: the bucket it is inserted
 * into. Per eviction: a random bucket, the records of the sampled keys it leads to, the victim's record (two fields
 * more) and its bucket.
 */
export function rooflineOf(
  trace: Trace,
  counts: AccessCounts,
  accesses: 'overlapping' | 'dependent',
): () => number {
  const { rows, keyCount } = trace;
  const { residents, samples } = counts;
  let buckets = 4;
  while (buckets < residents) buckets *= 2;
  const slotFor = (number: number): number => mix32(number) % Math.max(1, residents);
  const directory = Int32Array.from({ length: keyCount }, (_, id) => slotFor(id));
  const heads = Int32Array.from({ length: buckets }, (_, bucket) => slotFor(bucket + keyCount));
  const meta = new Int32Array(residents + 1);
  const values = new Int32Array(residents + 1);
  const ids = new Int32Array(residents + 1);
  const bytes = new Int32Array(residents + 1);
  const missesPerRow = counts.misses / rows;
  const evictionsPerRow = counts.evictions / rows;
  const isDependent = accesses === 'dependent';
  // Zero, which the compiler can't know and the processor has to wait for.
  const zero = keyCount > 0 ? 0 : 1;
  return () => {
    const { times, ops, keys, valueBytes, ttls } = trace;
    const mask = buckets - 1;
    let sum = 0;
    let misses = 0;
    let evictions = 0;
    for (let row = 0; row < rows; row++) {
      const id = keys[row];
      const slot = directory[isDependent ? id ^ (sum & zero) : id];
      meta[slot] = sum;
      sum = (sum + times[row] + ops[row] + valueBytes[row] + ttls[row] + values[slot]) | 0;
      misses += missesPerRow;
      if (misses >= 1) {
        misses--;
        const bucket = Math.imul(id, 0x9e37_79b1);
        sum = (sum + heads[(isDependent ? bucket ^ (sum & zero) : bucket) & mask]) | 0;
      }
      evictions += evictionsPerRow;
      while (evictions >= 1) {
        evictions--;
        const bucket = Math.imul(row ^ (sum & 1), 0x85eb_ca6b) >>> 7;
        let last = 0;
        for (let i = 0; i < samples; i++) {
          last = heads[(isDependent ? bucket + i + (sum & zero) : bucket + i) & mask];
          sum = (sum + meta[last]) | 0;
        }
        sum = (sum + ids[last] + bytes[last]) | 0;
        sum = (sum + heads[Math.imul(last, 0xc2b2_ae35) & mask]) | 0;
      }
    }
    return sum;
  };
}
