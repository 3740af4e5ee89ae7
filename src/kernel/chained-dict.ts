import { EXPIRES_NODE, MAIN_NODE } from '../keyspace/key-flags';
import { charge, sizeClass, wouldExceed } from './account';
import { notInTable } from './host';
import { collectBoth, drawKey, sampleAtRest, sampleBoth, scanAt } from './chain-sampler';
import { referenceTo, unlink } from './chains';
import { allocate, allocateArray, at, freeArray } from './memory';
import { mix32 } from './random';
import { expiresLinks, idOf, mainLinks, meta } from './records';
import { Table } from './table';

const INITIAL_BUCKETS = 4;
/** Growth at the memory limit is refused up to this many keys per bucket (docs/model.md, growth veto). */
const MAX_LOAD_UNDER_VETO: f64 = 1.618;
/** The timer shrinks a table that is less than this full, in percent. */
const MIN_FILL_PERCENT: i64 = 10;
/** A deletion shrinks a table with this many buckets per key or more. */
const MAX_BUCKETS_PER_KEY: i64 = 8;
/** The least power of two, of INITIAL_BUCKETS on. */
function nextPowerOfTwo(atLeast: i32): i32 {
  return atLeast <= INITIAL_BUCKETS ? INITIAL_BUCKETS : 1 << (32 - clz(atLeast - 1));
}

function arrayBytes(buckets: i32): f64 {
  return buckets === 0 ? 0 : sizeClass(8.0 * <f64>buckets);
}

/**
 * The chained dictionary of Redis ≤ 8.x and Valkey ≤ 8.0: power-of-two buckets, new entries at the head of their
 * chain, growth by incremental rehashing into a second array. Chains run through the keys' own records. Behaviour:
 * docs/model.md (hash table).
 */
@unmanaged
export class ChainedDict extends Table {
  private used0: i32;
  /** The column of links: of the main or of the expires table. */
  private links: usize;
  private isMain: bool;
  /** See DictRules. */
  private samplesWholeChains: bool;
  private growthVeto: bool;
  private shrinksOnDelete: bool;
  private timerGrows: bool;
  private movesBucketLookedUp: bool;
  /** The flag of a key that has a node, bytes of one (0 = there are none). */
  private nodeFlag: i32;
  private nodeBytes: f64;
  private firstKeyBytes: f64;
  /** The array that was last thought of, and its bytes: at the memory limit every insertion thinks of the same one. */
  private plannedBuckets: i32;
  private plannedBytes: f64;

  static create(
    isMain: bool,
    hashSeed: i32,
    samplesWholeChains: bool,
    growthVeto: bool,
    shrinksOnDelete: bool,
    timerGrows: bool,
    movesBucketLookedUp: bool,
    nodeBytes: f64,
    firstKeyBytes: f64,
  ): ChainedDict {
    const dict = changetype<ChainedDict>(allocate(offsetof<ChainedDict>()));
    dict.rehashIndex = -1;
    dict.hashSeed = hashSeed;
    dict.isMain = isMain;
    dict.links = isMain ? mainLinks : expiresLinks;
    dict.samplesWholeChains = samplesWholeChains;
    dict.growthVeto = growthVeto;
    dict.shrinksOnDelete = shrinksOnDelete;
    dict.timerGrows = timerGrows;
    dict.movesBucketLookedUp = movesBucketLookedUp;
    dict.nodeFlag = isMain ? MAIN_NODE : EXPIRES_NODE;
    dict.nodeBytes = nodeBytes;
    dict.firstKeyBytes = firstKeyBytes;
    return dict;
  }


  @inline
  onLookup(id: i32): void {
    if (this.rehashIndex >= 0) this.moveAlong(id);
  }

  moveAlong(id: i32): void {
    if (this.movesBucketLookedUp) {
      const bucket = mix32(id ^ this.hashSeed) & (this.buckets0 - 1);
      if (bucket >= this.rehashIndex && load<i32>(at(this.array0, bucket)) !== 0) {
        this.moveBucket(bucket);
        this.endRehashIfDone();
        return;
      }
    }
    this.rehash(1);
  }

  insert(slot: i32): void {
    const id = idOf(slot);
    this.onLookup(id);
    if (this.used0 >= this.buckets0) this.growIfFull();
    this.size++;
    if (this.rehashIndex >= 0) {
      this.hang(at(this.array1, mix32(id ^ this.hashSeed) & (this.buckets1 - 1)), slot);
    } else {
      this.hang(at(this.array0, mix32(id ^ this.hashSeed) & (this.buckets0 - 1)), slot);
      this.used0++;
    }
  }

  /** Puts a key in front of its chain. */
  @inline
  private hang(bucket: usize, slot: i32): void {
    const head = load<i32>(bucket);
    store<i32>(at(this.links, slot), head);
    store<i32>(bucket, referenceTo(slot, head));
    if (this.nodeBytes > 0 && head !== 0) this.makeNode(slot);
  }

  remove(slot: i32): void {
    const id = idOf(slot);
    if (this.rehashIndex >= 0) {
      // Main tables unlink and free in two steps, and that lookup moves the next bucket in every version.
      if (this.isMain) this.rehash(1);
      else this.moveAlong(id);
    }
    const hash = mix32(id ^ this.hashSeed);
    if (
      this.buckets0 > 0 &&
      unlink(at(this.array0, hash & (this.buckets0 - 1)), this.links, slot)
    ) {
      this.used0--;
    } else if (
      this.rehashIndex < 0 ||
      !unlink(at(this.array1, hash & (this.buckets1 - 1)), this.links, slot)
    ) {
      notInTable(slot);
      return;
    }
    this.size--;
    if (this.nodeBytes > 0) this.dropNode(slot);
    if (this.shrinksOnDelete) this.shrinkIfAnEighthIsLeft();
  }

  private makeNode(slot: i32): void {
    const flags = at(meta, slot);
    store<i32>(flags, load<i32>(flags) | this.nodeFlag);
    this.chainParts++;
    charge(this.nodeBytes);
  }

  private dropNode(slot: i32): void {
    const flags = at(meta, slot);
    if ((load<i32>(flags) & this.nodeFlag) === 0) return;
    store<i32>(flags, load<i32>(flags) & ~this.nodeFlag);
    this.chainParts--;
    charge(-this.nodeBytes);
  }

  /**
   * Candidates for eviction: chains of neighbouring buckets from a random start, both arrays during a rehash. Entries
   * beyond `count` in the last chain replace earlier ones with equal chance (reservoir), or are left out. A long run of
   * empty buckets makes it start elsewhere; after 10 visits per wanted entry it returns what it has, possibly nothing.
   */
  sample(count: i32): i32 {
    const wanted = min(count, this.size);
    for (let step = 0; step < wanted && this.rehashIndex >= 0; step++) this.rehash(1);
    return this.rehashIndex < 0
      ? sampleAtRest(this, this.links, this.samplesWholeChains, wanted)
      : sampleBoth(this, this.links, this.samplesWholeChains, wanted);
  }

  randomKey(): i32 {
    if (this.rehashIndex >= 0) this.rehash(1);
    return drawKey(this, this.links);
  }

  /** Writes the keys at cursor position `cursor` to `found`; returns how many. */
  collectAt(cursor: i32): i32 {
    return collectBoth(this, this.links, cursor);
  }

  /** Writes the keys at scan cursor `cursor` to `found`; returns how many. */
  scan(cursor: i32): i32 {
    return scanAt(this, this.links, cursor);
  }

  /** Reads where a key of that id hangs or will hang, for nothing but to have it at hand. */
  @inline
  peek(id: i32): i32 {
    const heads = this.rehashIndex < 0 ? this.array0 : this.array1;
    const buckets = this.rehashIndex < 0 ? this.buckets0 : this.buckets1;
    return buckets === 0 ? 0 : load<i32>(at(heads, mix32(id ^ this.hashSeed) & (buckets - 1)));
  }

  resizeIfSparse(): void {
    if (this.rehashIndex >= 0 || this.buckets0 <= INITIAL_BUCKETS) return;
    if (this.shrinksOnDelete) this.shrinkIfAnEighthIsLeft();
    else if ((<i64>this.used0 * 100) / <i64>this.buckets0 < MIN_FILL_PERCENT) this.shrink();
    if (this.timerGrows) this.growIfFull();
  }

  private growIfFull(): void {
    if (this.rehashIndex >= 0) return;
    if (this.buckets0 === 0) {
      this.resize(INITIAL_BUCKETS);
      return;
    }
    if (this.used0 < this.buckets0) return;
    const target = nextPowerOfTwo(this.used0 + 1);
    if (!this.growthVeto || this.fits(target)) this.resize(target);
  }

  private shrinkIfAnEighthIsLeft(): void {
    if (this.rehashIndex >= 0 || this.buckets0 <= INITIAL_BUCKETS) return;
    if (<i64>this.used0 * MAX_BUCKETS_PER_KEY > <i64>this.buckets0) return;
    if (this.fits(nextPowerOfTwo(this.used0))) this.shrink();
  }

  private shrink(): void {
    this.resize(nextPowerOfTwo(this.used0));
  }

  /** Whether the memory limit has nothing against another array of that many buckets. */
  private fits(buckets: i32): bool {
    if (<f64>this.used0 > MAX_LOAD_UNDER_VETO * <f64>this.buckets0) return true;
    if (this.plannedBuckets !== buckets) {
      this.plannedBuckets = buckets;
      this.plannedBytes = arrayBytes(buckets);
    }
    return !wouldExceed(this.plannedBytes);
  }

  private resize(buckets: i32): void {
    if (buckets === this.buckets0) return;
    charge(arrayBytes(buckets));
    const heads = allocateArray((<usize>buckets) << 2);
    if (this.buckets0 === 0) {
      charge(this.firstKeyBytes);
      this.array0 = heads;
      this.buckets0 = buckets;
      return;
    }
    this.array1 = heads;
    this.buckets1 = buckets;
    this.rehashIndex = 0;
    // Tables that shrink when keys go are replaced at once when none is left; the timer has to finish the others.
    if (this.shrinksOnDelete) this.endRehashIfDone();
  }

  /** Moves up to `steps` non-empty buckets to array 1, passing at most ten empty ones per step. */
  rehash(steps: i32): void {
    let emptyVisits = <i64>steps * 10;
    for (let step = 0; step < steps && this.used0 > 0; step++) {
      while (load<i32>(at(this.array0, this.rehashIndex)) === 0) {
        this.rehashIndex++;
        if (--emptyVisits === 0) return;
      }
      this.moveBucket(this.rehashIndex);
      this.rehashIndex++;
    }
    this.endRehashIfDone();
  }

  /** Moves a chain to array 1, which turns its order round. */
  private moveBucket(bucket: i32): void {
    const mask = this.buckets1 - 1;
    const from = at(this.array0, bucket);
    let reference = load<i32>(from);
    while (reference !== 0) {
      const slot = reference >> 1;
      const next = load<i32>(at(this.links, slot));
      const target = at(this.array1, mix32(idOf(slot) ^ this.hashSeed) & mask);
      if (this.nodeBytes > 0) this.dropNode(slot);
      this.hang(target, slot);
      this.used0--;
      reference = next;
    }
    store<i32>(from, 0);
  }

  private endRehashIfDone(): void {
    if (this.used0 > 0) return;
    charge(-arrayBytes(this.buckets0));
    freeArray(this.array0, (<usize>this.buckets0) << 2);
    this.array0 = this.array1;
    this.buckets0 = this.buckets1;
    this.used0 = this.size;
    this.array1 = 0;
    this.buckets1 = 0;
    this.rehashIndex = -1;
  }
}
