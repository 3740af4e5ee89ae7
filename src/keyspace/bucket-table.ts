import { InvariantError } from '../errors.ts';
import type { MemoryAccount } from '../memory/account.ts';
import type { Rounder } from '../memory/size-classes.ts';
import { mix32 as mix, type Random } from '../random.ts';
import * as bucketChains from './bucket-chains.ts';
import { BucketChains } from './bucket-chains.ts';
import type { BucketTableRules } from './bucket-table-rules.ts';
import type { KeyTable, TableParts } from './key-table.ts';
import { nextScanCursor as nextCursor } from './scan-cursor.ts';

const { BUCKET_BYTES, POSITIONS } = bucketChains;
const mix32 = mix;
const nextScanCursor = nextCursor;

/** A new table holds at most 32 keys per five buckets. */
const SIZING_KEYS = 32;
const SIZING_BUCKETS = 5;
/** Growth at the memory limit is refused up to this many keys per position. */
const MAX_LOAD_UNDER_VETO = 1.618;
/** A deletion that leaves a table this full or less, in percent, shrinks it. */
const MIN_FILL_PERCENT = 13;
/** A step of a shrinking rehash passes at most this many empty buckets. */
const EMPTY_BUCKETS_PER_STEP = 10;
/** Keys a random key is drawn from. */
const RANDOM_KEY_SAMPLES = 7;

/**
 * The hash table of Valkey ≥ 8.1: a power of two of 64-byte buckets with seven positions, the last of which becomes
 * the way to a child bucket when all are taken. Entries stay where they are put; which position that is decides the
 * order in which eviction and expiry see them, so positions are kept as the server keeps them. Growth and shrinking by
 * incremental rehashing, bucket chain by bucket chain. Behaviour: docs/model.md (hash tables).
 */
export class BucketTable implements KeyTable {
  private readonly ids: Int32Array;
  private readonly hashSeed: number;
  private readonly random: Random;
  private readonly account: MemoryAccount;
  private readonly round: Rounder;
  private readonly rules: BucketTableRules;
  /** Tables 0 and 1; 1 is empty but during a rehash. */
  private chains0: BucketChains;
  private chains1: BucketChains;
  /** Buckets of table 0 below this index have moved; -1 = no rehash. */
  private rehashIndex = -1;
  private headerBytes = 0;
  /** Keys found by the last {@link visit}, and how many of the array's are. */
  private readonly found: number[] = [];
  private foundCount = 0;
  private readonly drawn = new Int32Array(RANDOM_KEY_SAMPLES);
  /** A scan is looking at buckets: nothing but deletions happens to the table, and they leave holes. */
  private isScanned = false;
  /** Buckets that lost keys to a scan: `index * 2 + table`. */
  private readonly holed: number[] = [];

  constructor(rules: BucketTableRules, parts: TableParts) {
    this.ids = parts.records.ids;
    this.hashSeed = parts.hashSeed | 0;
    this.random = parts.random;
    this.account = parts.account;
    this.round = parts.round;
    this.rules = rules;
    this.chains0 = new BucketChains(0, parts.account, parts.round);
    this.chains1 = new BucketChains(0, parts.account, parts.round);
  }

  get size(): number {
    return this.chains0.used + this.chains1.used;
  }

  get positions(): number {
    return this.chains0.buckets + this.chains1.buckets;
  }

  get childBuckets(): number {
    return this.chains0.children + this.chains1.children;
  }

  get chainBytes(): number {
    return this.chains0.childrenBytes + this.chains1.childrenBytes;
  }

  get bytes(): number {
    return this.headerBytes + this.chains0.bytes + this.chains1.bytes;
  }

  get isRehashing(): boolean {
    return this.rehashIndex >= 0;
  }

  onLookup(): void {
    if (this.rehashIndex >= 0 && !this.isScanned) this.rehashStep();
  }

  insert(slot: number): void {
    this.onLookup();
    if (this.headerBytes === 0) {
      this.headerBytes = this.round(this.rules.headerBytes);
      this.account.used += this.headerBytes;
    }
    this.growIfFull();
    const chains = this.rehashIndex >= 0 ? this.chains1 : this.chains0;
    chains.insert(this.hashOf(slot) & (chains.buckets - 1), slot);
  }

  remove(slot: number): void {
    this.onLookup();
    const hash = this.hashOf(slot);
    if (!this.removeFrom(0, hash, slot) && !this.removeFrom(1, hash, slot)) {
      throw new InvariantError(`the key of slot ${slot} is not in its table`);
    }
    if (!this.isScanned) this.shrinkIfSparse();
  }

  private removeFrom(table: 0 | 1, hash: number, slot: number): boolean {
    const chains = table === 0 ? this.chains0 : this.chains1;
    if (chains.used === 0) return false;
    const bucket = hash & (chains.buckets - 1);
    if (table === 0 && bucket < this.rehashIndex) return false;
    if (!chains.remove(bucket, slot, !this.isScanned)) return false;
    if (this.isScanned) this.holed.push(bucket * 2 + table);
    return true;
  }

  /**
   * Candidates for eviction: the bucket at a random cursor and the ones after it in scan order, each with all its
   * children, until `count` keys are found. Keys beyond `count` replace earlier ones with equal chance (reservoir).
   */
  sample(count: number, out: Int32Array): number {
    return this.sampleBuckets(count, out, false);
  }

  private sampleBuckets(count: number, out: Int32Array, drawsBucketsAlone: boolean): number {
    const { random } = this;
    const wanted = Math.min(count, this.size);
    let seen = 0;
    for (let cursor = random.int32(); seen < wanted;) {
      let next = cursor;
      if (this.rehashIndex < 0) {
        const mask = this.chains0.buckets - 1;
        seen = this.chains0.sampleInto(out, seen, wanted, cursor & mask, random);
        if (!drawsBucketsAlone) next = nextScanCursor(cursor, mask);
      } else {
        next = this.visit(cursor);
        seen = this.sampleFound(out, seen, wanted);
      }
      cursor = drawsBucketsAlone ? random.int32() : next;
    }
    this.onLookup();
    return wanted;
  }

  /** Shows the keys of the last {@link visit} to a sample, as {@link BucketChains.sampleInto} does. */
  private sampleFound(out: Int32Array, alreadySeen: number, wanted: number): number {
    let seen = alreadySeen;
    for (let i = 0; i < this.foundCount; i++) {
      const place = seen < wanted ? seen : this.random.below(seen + 1);
      if (place < wanted) out[place] = this.found[i]!;
      seen++;
    }
    return seen;
  }

  /** One of seven sampled keys. */
  randomKey(): number {
    const { drawn, rules, random } = this;
    const count = this.sampleBuckets(RANDOM_KEY_SAMPLES, drawn, rules.drawsBucketsAlone);
    return drawn[random.below(count)];
  }

  /**
   * A step of a scan: finds the keys of the bucket at `cursor` and of its children; during a rehash those of the
   * smaller array's bucket, unless it has moved, and of the buckets of the larger one that it splits into, from the
   * cursor's own on. Returns the cursor after it: buckets follow each other by counting up with bits reversed.
   */
  private visit(cursor: number): number {
    this.foundCount = 0;
    if (this.rehashIndex < 0) {
      const mask = this.chains0.buckets - 1;
      this.find(0, cursor & mask);
      return nextScanCursor(cursor, mask);
    }
    const small = this.chains0.buckets <= this.chains1.buckets ? 0 : 1;
    const smallMask = Math.min(this.chains0.buckets, this.chains1.buckets) - 1;
    const largeMask = Math.max(this.chains0.buckets, this.chains1.buckets) - 1;
    this.find(small, cursor & smallMask);
    let next = cursor;
    do {
      this.find(small === 0 ? 1 : 0, next & largeMask);
      next = nextScanCursor(next, largeMask);
    } while (next & (smallMask ^ largeMask));
    return next;
  }

  private find(table: 0 | 1, bucket: number): void {
    if (table === 0 && bucket < this.rehashIndex) return;
    const chains = table === 0 ? this.chains0 : this.chains1;
    this.foundCount = chains.collect(bucket, this.found, this.foundCount);
  }

  scan(cursor: number, out: number[]): number {
    if (this.size === 0) return 0;
    const next = this.visit(cursor);
    for (let i = 0; i < this.foundCount; i++) out.push(this.found[i]);
    this.isScanned = true;
    return next;
  }

  endScan(): void {
    this.isScanned = false;
    const { holed } = this;
    if (holed.length === 0) return;
    for (let i = 0; i < holed.length && this.rules.compactsAfterScan; i++) {
      if (holed[i] === holed[i - 1]) continue;
      (holed[i] & 1 ? this.chains1 : this.chains0).compact(holed[i] >>> 1);
    }
    holed.length = 0;
    this.shrinkIfSparse();
  }

  peek(id: number): number {
    const chains = this.rehashIndex < 0 ? this.chains0 : this.chains1;
    return chains.buckets === 0 ? 0 : chains.peek(mix32(id ^ this.hashSeed) & (chains.buckets - 1));
  }

  collectAt(cursor: number, out: number[]): number {
    this.foundCount = 0;
    if (this.chains0.buckets > 0) this.find(0, cursor & (this.chains0.buckets - 1));
    if (this.rehashIndex >= 0) this.find(1, cursor & (this.chains1.buckets - 1));
    for (let i = 0; i < this.foundCount; i++) out.push(this.found[i]);
    return this.rehashIndex < 0 ? 1 : 2;
  }

  /** The timer's look: as a deletion and an insertion would do. */
  resizeIfSparse(): void {
    // A table that never had a key does not exist yet.
    if (this.headerBytes > 0 && !this.shrinkIfSparse()) this.growIfFull();
  }

  rehashFor(buckets: number): boolean {
    if (this.rehashIndex < 0) return false;
    for (let step = 0; step < buckets && this.rehashIndex >= 0; step++) this.rehashStep();
    return true;
  }

  private growIfFull(): void {
    const rehashing = this.rehashIndex >= 0;
    if (rehashing && this.rules.rehashesLeanly) return;
    const target = rehashing ? this.chains1 : this.chains0;
    const keys = this.size + 1;
    if (keys > POSITIONS * target.buckets) this.resize(keys, target.buckets);
  }

  private shrinkIfSparse(): boolean {
    if (this.rehashIndex >= 0) return false;
    const { used, buckets } = this.chains0;
    if (used * 100 > POSITIONS * buckets * MIN_FILL_PERCENT) return false;
    return this.resize(Math.max(used, 1), buckets);
  }

  /** Starts a rehash into buckets for `keys` keys; false if they are as many as now, or memory does not allow it. */
  private resize(keys: number, oldBuckets: number): boolean {
    const buckets = bucketsFor(keys);
    if (buckets === oldBuckets) return false;
    const asksForMemory = buckets > oldBuckets || !this.rules.rehashesLeanly;
    if (asksForMemory && keys <= MAX_LOAD_UNDER_VETO * POSITIONS * oldBuckets) {
      if (this.account.wouldExceed(BUCKET_BYTES * buckets)) return false;
    }
    while (this.rehashIndex >= 0) this.rehashStep();
    this.chains1 = new BucketChains(buckets, this.account, this.round);
    this.rehashIndex = 0;
    if (this.chains0.used === 0 && this.chains0.children === 0) this.completeRehash();
    return true;
  }

  private rehashStep(): void {
    const { chains0, chains1, found, rules } = this;
    if (rules.rehashesLeanly && chains1.buckets < chains0.buckets) {
      for (let passed = 0; chains0.used > 0 && chains0.isEmptyAt(this.rehashIndex);) {
        this.rehashIndex++;
        if (++passed === EMPTY_BUCKETS_PER_STEP) return;
      }
    }
    const count = chains0.collect(this.rehashIndex, found, 0);
    chains0.clear(this.rehashIndex);
    const mask = chains1.buckets - 1;
    for (let i = 0; i < count; i++) chains1.insert(this.hashOf(found[i]) & mask, found[i]);
    this.rehashIndex++;
    const noneLeft = chains0.used === 0 && chains0.children === 0;
    if (rules.rehashesLeanly ? noneLeft : this.rehashIndex === chains0.buckets) {
      this.completeRehash();
    }
  }

  private completeRehash(): void {
    this.chains0.release();
    this.chains0 = this.chains1;
    this.chains1 = new BucketChains(0, this.account, this.round);
    this.rehashIndex = -1;
  }

  private hashOf(slot: number): number {
    return mix32(this.ids[slot] ^ this.hashSeed);
  }

  checkInvariants(): void {
    const seen = new Set<number>();
    for (const chains of [this.chains0, this.chains1]) {
      chains.checkInvariants((slot) => this.hashOf(slot) & (chains.buckets - 1), seen);
    }
    for (let bucket = 0; bucket < this.rehashIndex; bucket++) {
      if (!this.chains0.isEmptyAt(bucket)) {
        throw new InvariantError(`bucket ${bucket} was passed but not moved`);
      }
    }
  }
}

/** Buckets of a new table for `keys` keys. */
function bucketsFor(keys: number): number {
  let buckets = 1;
  while (buckets * SIZING_KEYS < keys * SIZING_BUCKETS) buckets *= 2;
  return buckets;
}
