import { charge, sizeClass, wouldExceed } from './account';
import {
  ABSENT,
  BUCKET_BYTES,
  cellBytes,
  chainAt,
  clearChain,
  collectChain,
  compactChain,
  insertIntoChain,
  POSITIONS,
  removeFromChain,
} from './bucket-chains';
import { collectBoth, sampleAtRest, sampleBoth, visit, visited } from './bucket-sampler';
import { HoleList } from './hole-list';
import { notInTable } from './host';
import { allocate, allocateArray, at, freeArray } from './memory';
import { below, mix32 } from './random';
import { idOf } from './records';
import { found, Table } from './table';

/** A new table holds at most 32 keys per five buckets. */
const SIZING_KEYS: i64 = 32;
const SIZING_BUCKETS: i64 = 5;
/** Growth at the memory limit is refused up to this many keys per position. */
const MAX_LOAD_UNDER_VETO: f64 = 1.618;
/** A deletion that leaves a table this full or less, in percent, shrinks it. */
const MIN_FILL_PERCENT: i64 = 13;
/** A step of a shrinking rehash passes at most this many empty buckets. */
const EMPTY_BUCKETS_PER_STEP = 10;
/** Keys a random key is drawn from. */
const RANDOM_KEY_SAMPLES = 7;

/** Buckets of a new table for `keys` keys. */
function bucketsFor(keys: i32): i32 {
  let buckets: i64 = 1;
  while (buckets * SIZING_KEYS < <i64>keys * SIZING_BUCKETS) buckets *= 2;
  return <i32>buckets;
}

function arrayBytes(buckets: i32): f64 {
  return buckets === 0 ? 0 : sizeClass(BUCKET_BYTES * <f64>buckets);
}

/**
 * The hash table of Valkey ≥ 8.1: a power of two of 64-byte buckets with seven positions, the last of which becomes
 * the way to a child bucket when all are taken. Entries stay where they are put; which position that is decides the
 * order in which eviction and expiry see them, so positions are kept as the server keeps them. Growth and shrinking by
 * incremental rehashing, bucket chain by bucket chain. Behaviour: docs/model.md (hash tables).
 */
@unmanaged
export class BucketTable extends Table {
  /** Bytes of the table itself: 0 until its first key comes, and what they will be. */
  headerBytes: f64;
  private firstKeyBytes: f64;
  private childBytes: f64;
  /** Keys and child buckets of array 0; the others are in array 1. */
  private used0: i32;
  private children0: i32;
  /** See BucketTableRules. */
  private drawsBucketsAlone: bool;
  private rehashesLeanly: bool;
  private compactsAfterScan: bool;
  /** A scan is looking at buckets: nothing but deletions happens to the table, and they leave holes. */
  private isScanned: bool;
  /** Buckets that lost keys to a scan, `index * 2 + array`. */
  private holes: HoleList;

  static create(
    hashSeed: i32,
    drawsBucketsAlone: bool,
    rehashesLeanly: bool,
    compactsAfterScan: bool,
    headerBytes: f64,
  ): BucketTable {
    const table = changetype<BucketTable>(allocate(offsetof<BucketTable>()));
    table.hasBuckets = 1;
    table.holes = HoleList.create();
    table.rehashIndex = -1;
    table.hashSeed = hashSeed;
    table.drawsBucketsAlone = drawsBucketsAlone;
    table.rehashesLeanly = rehashesLeanly;
    table.compactsAfterScan = compactsAfterScan;
    table.firstKeyBytes = sizeClass(headerBytes);
    table.childBytes = sizeClass(BUCKET_BYTES);
    return table;
  }

  /** Puts a key into a bucket of an array, of the new one during a rehash. */
  @inline
  private insertInto(array: i32, chain: usize, slot: i32): void {
    this.size++;
    if (array === 0) this.used0++;
    if (insertIntoChain(chain, slot)) this.addChildren(array, 1);
  }


  @inline
  onLookup(): void {
    if (this.rehashIndex >= 0 && !this.isScanned) this.rehashStep();
  }

  insert(slot: i32): void {
    this.onLookup();
    if (this.headerBytes === 0) {
      this.headerBytes = this.firstKeyBytes;
      charge(this.headerBytes);
    }
    this.growIfFull();
    const hash = this.hashOf(slot);
    if (this.rehashIndex < 0)
      this.insertInto(0, chainAt(this.array0, hash & (this.buckets0 - 1)), slot);
    else this.insertInto(1, chainAt(this.array1, hash & (this.buckets1 - 1)), slot);
  }

  /** So many child buckets more of an array, or fewer. */
  private addChildren(array: i32, count: i32): void {
    this.chainParts += count;
    if (array === 0) this.children0 += count;
    charge(this.childBytes * <f64>count);
  }

  remove(slot: i32): void {
    this.onLookup();
    const hash = this.hashOf(slot);
    if (!this.removeFrom(0, hash, slot) && !this.removeFrom(1, hash, slot)) {
      notInTable(slot);
      return;
    }
    if (!this.isScanned) this.shrinkIfSparse();
  }


  @inline
  private removeFrom(array: i32, hash: i32, slot: i32): bool {
    if ((array === 0 ? this.used0 : this.size - this.used0) === 0) return false;
    const bucket = hash & ((array === 0 ? this.buckets0 : this.buckets1) - 1);
    if (array === 0 && bucket < this.rehashIndex) return false;
    const chain = chainAt(array === 0 ? this.array0 : this.array1, bucket);
    const freed = removeFromChain(chain, slot, !this.isScanned);
    if (freed === ABSENT) return false;
    this.size--;
    if (array === 0) this.used0--;
    if (freed > 0) this.addChildren(array, -freed);
    if (this.isScanned) this.holes.note((bucket << 1) | array);
    return true;
  }

  /**
   * Candidates for eviction: the bucket at a random cursor and the ones after it in scan order, each with all its
   * children, until `count` keys are found. Keys beyond `count` replace earlier ones with equal chance (reservoir).
   */
  sample(count: i32): i32 {
    const wanted = min(count, this.size);
    return this.rehashIndex < 0
      ? sampleAtRest(this, wanted, false)
      : this.sampleOnTheMove(wanted, false);
  }

  private sampleOnTheMove(wanted: i32, drawsBucketsAlone: bool): i32 {
    sampleBoth(this, wanted, drawsBucketsAlone);
    this.onLookup();
    return wanted;
  }

  /** One of seven sampled keys. */
  randomKey(): i32 {
    const wanted = min(RANDOM_KEY_SAMPLES, this.size);
    if (this.rehashIndex >= 0) this.sampleOnTheMove(wanted, this.drawsBucketsAlone);
    else sampleAtRest(this, wanted, this.drawsBucketsAlone);
    return load<i32>(at(found, below(wanted)));
  }

  /** Writes the keys at scan cursor `cursor` to `found`; returns how many. */
  scan(cursor: i32): i32 {
    if (this.size === 0) return 0;
    this.isScanned = true;
    return visit(this, cursor, found);
  }

  endScan(): void {
    this.isScanned = false;
    const count = this.holes.count;
    if (count === 0) return;
    this.holes.count = 0;
    if (this.compactsAfterScan) {
      for (let i = 0; i < count; i++) {
        const hole = this.holes.at(i);
        const array = hole & 1;
        const freed = compactChain(chainAt(array === 0 ? this.array0 : this.array1, hole >>> 1));
        if (freed > 0) this.addChildren(array, -freed);
      }
    }
    this.shrinkIfSparse();
  }

  /** Reads where a key of that id hangs or will hang, for nothing but to have it at hand. */
  @inline
  peek(id: i32): i32 {
    const array = this.rehashIndex < 0 ? this.array0 : this.array1;
    const buckets = this.rehashIndex < 0 ? this.buckets0 : this.buckets1;
    if (buckets === 0) return 0;
    return load<i32>(chainAt(array, mix32(id ^ this.hashSeed) & (buckets - 1)));
  }

  /** Writes the keys at cursor position `cursor` to `found`; returns how many. */
  collectAt(cursor: i32): i32 {
    return collectBoth(this, cursor);
  }

  /** The timer's look: as a deletion and an insertion would do. */
  resizeIfSparse(): void {
    // A table that never had a key does not exist yet.
    if (this.headerBytes > 0 && !this.shrinkIfSparse()) this.growIfFull();
  }


  @inline
  private growIfFull(): void {
    const rehashing = this.rehashIndex >= 0;
    if (rehashing && this.rehashesLeanly) return;
    const buckets = rehashing ? this.buckets1 : this.buckets0;
    const keys = this.size + 1;
    if (keys > POSITIONS * buckets) this.resize(keys, buckets);
  }

  private shrinkIfSparse(): bool {
    if (this.rehashIndex >= 0) return false;
    const used = this.used0;
    const buckets = this.buckets0;
    if (<i64>used * 100 > <i64>POSITIONS * <i64>buckets * MIN_FILL_PERCENT) return false;
    return this.resize(max(used, 1), buckets);
  }

  /** Starts a rehash into buckets for `keys` keys; false if they are as many as now, or memory does not allow it. */
  private resize(keys: i32, oldBuckets: i32): bool {
    const buckets = bucketsFor(keys);
    if (buckets === oldBuckets) return false;
    const asksForMemory = buckets > oldBuckets || !this.rehashesLeanly;
    if (asksForMemory && <f64>keys <= MAX_LOAD_UNDER_VETO * <f64>POSITIONS * <f64>oldBuckets) {
      if (wouldExceed(BUCKET_BYTES * <f64>buckets)) return false;
    }
    while (this.rehashIndex >= 0) this.rehashStep();
    charge(arrayBytes(buckets));
    this.array1 = allocateArray(cellBytes(buckets));
    this.buckets1 = buckets;
    this.rehashIndex = 0;
    if (this.used0 === 0 && this.children0 === 0) this.completeRehash();
    return true;
  }

  /** Moves a bucket of array 0 with its children; there is a rehash under way. */
  rehashStep(): void {
    if (this.rehashesLeanly && this.buckets1 < this.buckets0) {
      for (
        let passed = 0;
        this.used0 > 0 && load<i32>(chainAt(this.array0, this.rehashIndex)) === 0;
      ) {
        this.rehashIndex++;
        if (++passed === EMPTY_BUCKETS_PER_STEP) return;
      }
    }
    this.moveChain(chainAt(this.array0, this.rehashIndex));
    this.rehashIndex++;
    const isDone = this.rehashesLeanly
      ? this.used0 === 0 && this.children0 === 0
      : this.rehashIndex === this.buckets0;
    if (isDone) this.completeRehash();
  }

  private moveChain(chain: usize): void {
    const count = collectChain(chain, visited, 0);
    const freed = clearChain(chain);
    this.used0 -= count;
    if (freed > 0) this.addChildren(0, -freed);
    const array = this.array1;
    const mask = this.buckets1 - 1;
    for (let i = 0; i < count; i++) {
      const slot = load<i32>(at(visited, i));
      if (insertIntoChain(chainAt(array, this.hashOf(slot) & mask), slot)) this.addChildren(1, 1);
    }
  }

  private completeRehash(): void {
    charge(-arrayBytes(this.buckets0));
    if (this.buckets0 > 0) freeArray(this.array0, cellBytes(this.buckets0));
    this.array0 = this.array1;
    this.buckets0 = this.buckets1;
    this.used0 = this.size;
    this.children0 = this.chainParts;
    this.array1 = 0;
    this.buckets1 = 0;
    this.rehashIndex = -1;
  }


  @inline
  private hashOf(slot: i32): i32 {
    return mix32(idOf(slot) ^ this.hashSeed);
  }
}
