/** What the tables of both kinds have in front: the host reads these words (src/keyspace/kernel-table.ts). */
@unmanaged
export class Table {
  /** 1 for a bucket table, 0 for a chained dictionary. */
  hasBuckets: i32;
  /** Keys in it. */
  size: i32;
  /** Buckets of array 0 below this index have moved; -1 = no rehash. */
  rehashIndex: i32;
  /** Buckets of the arrays 0 and 1; 1 exists during a rehash only. */
  buckets0: i32;
  buckets1: i32;
  /** Where the arrays are. */
  array0: usize;
  array1: usize;
  /** Nodes or child buckets, which the table allocates beside its arrays. */
  chainParts: i32;
  hashSeed: i32;

  /** The cursor after that of a scan, as long as the table has not changed; it has keys. */
  cursorAfter(cursor: i32): i32 {
    if (this.rehashIndex < 0) return nextScanCursor(cursor, this.buckets0 - 1);
    const smallMask = min(this.buckets0, this.buckets1) - 1;
    const largeMask = max(this.buckets0, this.buckets1) - 1;
    // All buckets of the larger array that belong to one of the smaller are a step.
    let next = cursor;
    do next = nextScanCursor(next, largeMask);
    while (next & (smallMask ^ largeMask));
    return next;
  }
}

/** Slots that a table has found: of a sample, of a bucket, of a scan. Room for all keys and two more. */
export let found: usize = 0;

export function setFound(address: usize): void {
  found = address;
}

/**
 * The position after `cursor` of a scan over `mask + 1` buckets: the bits below the mask count up from the highest
 * one, so that a scan misses no key when the table is resized under way. 0 when the round is complete.
 */
export function nextScanCursor(cursor: i32, mask: i32): i32 {
  // The highest bit that is not set is set, and those above it are not.
  const unset = ~cursor & mask;
  if (unset === 0) return 0;
  const bit = 1 << (31 - clz(unset));
  return (cursor & (bit - 1)) | bit;
}
