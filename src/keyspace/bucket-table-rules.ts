/** Where versions of the bucket table differ. */
export interface BucketTableRules {
  /** Random keys come from buckets drawn independently, not from consecutive ones. */
  readonly drawsBucketsAlone: boolean;
  /**
   * Valkey 9: a table is not resized while it is being rehashed, shrinking asks nobody for memory, skips empty buckets
   * and ends with the last key. Before: a resize finishes the rehash first, shrinking is refused like growth, and
   * every bucket is a step.
   */
  readonly rehashesLeanly: boolean;
  /** Chains are closed up after a scan that deleted from them; else the holes and the children stay. */
  readonly compactsAfterScan: boolean;
  /** Bytes of the table itself, asked for with its first key and kept. */
  readonly headerBytes: number;
}
