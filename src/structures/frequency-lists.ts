import { IndexLists, NO_ITEM } from './index-lists.ts';

/**
 * With d distinct counts there have been at least d² / 2 increments, so 2^20 buckets last for 5 · 10^11 of them.
 */
const MAX_BUCKETS = 2 ** 20;

/**
 * Items with exact counts, and the least of them, in O(1): one list of items per count that occurs, and a list of those
 * lists in order of their counts. Source: Shah, Mitra, Matani, "An O(1) algorithm for implementing the LFU cache
 * eviction scheme" (2010).
 */
export class FrequencyLists {
  /** List b: the items of bucket b, the latest to arrive first. */
  private readonly members: IndexLists;
  /** The buckets in use, the highest count first. */
  private readonly order: IndexLists;
  private readonly counts: Float64Array;
  private readonly bucketOf: Int32Array;
  /** A stack of the buckets not in use. */
  private readonly free: Int32Array;
  private freeCount: number;

  constructor(capacity: number) {
    const buckets = Math.min(capacity, MAX_BUCKETS);
    this.members = new IndexLists(capacity, buckets);
    this.order = new IndexLists(buckets);
    this.counts = new Float64Array(buckets);
    this.bucketOf = new Int32Array(capacity);
    this.free = Int32Array.from({ length: buckets }, (_, i) => buckets - 1 - i);
    this.freeCount = buckets;
  }

  /** Adds an absent item with count 1. */
  add(item: number): void {
    let bucket = this.order.back(0);
    if (bucket === NO_ITEM || this.counts[bucket] !== 1) {
      bucket = this.takeFree(1);
      this.order.pushBack(0, bucket);
    }
    this.bucketOf[item] = bucket;
    this.members.pushFront(bucket, item);
  }

  /** Adds 1 to the count of a present item. */
  increment(item: number): void {
    const { members, order, counts } = this;
    const bucket = this.bucketOf[item];
    const count = counts[bucket] + 1;
    let higher = order.ahead(bucket);
    if (higher === NO_ITEM || counts[higher] !== count) {
      if (members.front(bucket) === members.back(bucket)) {
        // Alone in its bucket: the bucket itself moves on.
        counts[bucket] = count;
        return;
      }
      higher = this.takeFree(count);
      order.insertAhead(higher, bucket);
    }
    members.remove(item);
    members.pushFront(higher, item);
    this.bucketOf[item] = higher;
    this.releaseIfEmpty(bucket);
  }

  /** Takes a present item out and forgets its count. */
  remove(item: number): void {
    this.members.remove(item);
    this.releaseIfEmpty(this.bucketOf[item]);
  }

  /** The item of the lowest count, among equals the one whose count changed longest ago; NO_ITEM when empty. */
  least(): number {
    const bucket = this.order.back(0);
    return bucket === NO_ITEM ? NO_ITEM : this.members.back(bucket);
  }

  /** The count of a present item. */
  countOf(item: number): number {
    return this.counts[this.bucketOf[item]];
  }

  private takeFree(count: number): number {
    this.freeCount--;
    const bucket = this.free[this.freeCount];
    this.counts[bucket] = count;
    return bucket;
  }

  private releaseIfEmpty(bucket: number): void {
    if (!this.members.isEmpty(bucket)) return;
    this.order.remove(bucket);
    this.free[this.freeCount] = bucket;
    this.freeCount++;
  }

  /** All items, the first to go last: for checks, not for loops. */
  items(): number[] {
    return this.order.itemsOf(0).flatMap((bucket) => this.members.itemsOf(bucket));
  }
}
