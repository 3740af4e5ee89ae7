import { InvariantError } from '../errors.ts';
import type { MemoryAccount } from '../memory/account.ts';
import type { Rounder } from '../memory/size-classes.ts';
import { mix32 as mix, type Random } from '../random.ts';
import * as references from './chain-reference.ts';
import { ChainSampler } from './chain-sampler.ts';
import { type DictRules, INITIAL_BUCKETS, nextPowerOfTwo } from './dict-rules.ts';
import * as keyFlags from './key-flags.ts';
import type { KeyTable, TableParts, TableRole } from './key-table.ts';
import { nextScanCursor } from './scan-cursor.ts';

/** Growth at the memory limit is refused up to this many keys per bucket (docs/model.md, growth veto). */
const MAX_LOAD_UNDER_VETO = 1.618;
/** The timer shrinks a table that is less than this full, in percent. */
const MIN_FILL_PERCENT = 10;
/** A deletion shrinks a table with this many buckets per key or more. */
const MAX_BUCKETS_PER_KEY = 8;

const { EXPIRES_NODE, MAIN_NODE } = keyFlags;
const { FOLLOWED, referenceTo } = references;
const mix32 = mix;

const EMPTY = new Int32Array(0);

/**
 * The chained dictionary of Redis ≤ 8.x and Valkey ≤ 8.0: power-of-two buckets, new entries at the head of their
 * chain, growth by incremental rehashing into a second array. Chains run through the keys' own records.
 *
 * Costs no allocation per key. A reference to a chain's key, in the array of heads or in the record in front of it, is
 * its slot times two, plus one if others follow it, 0 = none: most chains are of one key, and their ends are seen without
 * a look at the key's record, which is a cache miss when sampling. Behaviour: docs/model.md (hash table).
 */
export class ChainedDict implements KeyTable {
  private readonly ids: Int32Array;
  private readonly meta: Int32Array;
  private readonly links: Int32Array;
  /** The flag of a key that has a node, bytes of one (0 = there are none), and how many there are. */
  private readonly nodeFlag: number;
  private readonly nodeBytes: number;
  private nodes = 0;
  /** As a signed integer, which takes no heap number. */
  private readonly hashSeed: number;
  private readonly random: Random;
  private readonly account: MemoryAccount;
  private readonly round: Rounder;
  private readonly rules: DictRules;
  private readonly firstKeyBytes: number;
  private readonly isMain: boolean;
  private readonly shrinksOnDelete: boolean;
  private readonly sampler: ChainSampler;
  /** Tables 0 and 1; 1 exists during a rehash only. */
  private heads0: Int32Array = EMPTY;
  private heads1: Int32Array = EMPTY;
  private used0 = 0;
  private used1 = 0;
  /** Buckets of table 0 below this index have moved; -1 = no rehash. */
  private rehashIndex = -1;

  constructor(rules: DictRules, role: TableRole, parts: TableParts) {
    const { ids, meta, mainLinks, expiresLinks } = parts.records;
    this.ids = ids;
    this.meta = meta;
    this.links = role === 'main' ? mainLinks : expiresLinks;
    this.nodeFlag = role === 'main' ? MAIN_NODE : EXPIRES_NODE;
    this.nodeBytes = rules.nodeBytes === 0 ? 0 : parts.round(rules.nodeBytes);
    this.hashSeed = parts.hashSeed | 0;
    this.random = parts.random;
    this.account = parts.account;
    this.round = parts.round;
    this.rules = rules;
    this.firstKeyBytes = rules.firstKeyBytes[role];
    this.isMain = role === 'main';
    this.shrinksOnDelete = rules.shrinks === 'delete';
    this.sampler = new ChainSampler(this.links, parts.random, rules.samplesWholeChains);
  }

  get size(): number {
    return this.used0 + this.used1;
  }

  get positions(): number {
    return this.heads0.length + this.heads1.length;
  }

  get bytes(): number {
    if (this.heads0.length === 0) return 0;
    const arrays = this.arrayBytes(this.heads0.length) + this.arrayBytes(this.heads1.length);
    return arrays + this.firstKeyBytes + this.chainBytes;
  }

  get chainBytes(): number {
    return this.nodes * this.nodeBytes;
  }

  get isRehashing(): boolean {
    return this.rehashIndex >= 0;
  }

  onLookup(id: number): void {
    if (this.rehashIndex >= 0) this.moveAlong(id);
  }

  private moveAlong(id: number): void {
    if (this.rules.movesBucketLookedUp) {
      const bucket = mix32(id ^ this.hashSeed) & (this.heads0.length - 1);
      if (bucket >= this.rehashIndex && this.heads0[bucket] !== 0) {
        this.moveBucket(bucket);
        this.endRehashIfDone();
        return;
      }
    }
    this.rehash(1);
  }

  insert(slot: number): void {
    const id = this.ids[slot];
    this.onLookup(id);
    if (this.used0 >= this.heads0.length) this.growIfFull();
    if (this.rehashIndex >= 0) {
      this.hang(this.heads1, slot, id);
      this.used1++;
    } else {
      this.hang(this.heads0, slot, id);
      this.used0++;
    }
  }

  /** Puts a key in front of its chain. */
  private hang(heads: Int32Array, slot: number, id: number): void {
    const bucket = mix32(id ^ this.hashSeed) & (heads.length - 1);
    const head = heads[bucket];
    this.links[slot] = head;
    heads[bucket] = referenceTo(slot, head);
    if (this.nodeBytes > 0 && head !== 0) this.makeNode(slot);
  }

  remove(slot: number): void {
    const id = this.ids[slot];
    if (this.rehashIndex >= 0) {
      // Main tables unlink and free in two steps, and that lookup moves the next bucket in every version.
      if (this.isMain) this.rehash(1);
      else this.moveAlong(id);
    }
    const { heads0 } = this;
    const bucket = mix32(id ^ this.hashSeed) & (heads0.length - 1);
    // Most keys are the first of their chain.
    if (heads0[bucket] >> 1 === slot) {
      heads0[bucket] = this.links[slot];
      this.used0--;
    } else {
      this.unlinkElsewhere(id, slot);
    }
    if (this.nodeBytes > 0) this.dropNode(slot);
    if (this.shrinksOnDelete) this.shrinkIfAnEighthIsLeft();
  }

  private unlinkElsewhere(id: number, slot: number): void {
    if (this.unlink(this.heads0, id, slot)) this.used0--;
    else if (this.rehashIndex >= 0 && this.unlink(this.heads1, id, slot)) this.used1--;
    else throw new InvariantError(`key ${id} is not in its table`);
  }

  private makeNode(slot: number): void {
    this.meta[slot] |= this.nodeFlag;
    this.nodes++;
    this.account.used += this.nodeBytes;
  }

  private dropNode(slot: number): void {
    if ((this.meta[slot] & this.nodeFlag) === 0) return;
    this.meta[slot] &= ~this.nodeFlag;
    this.nodes--;
    this.account.used -= this.nodeBytes;
  }

  private unlink(heads: Int32Array, id: number, slot: number): boolean {
    const { links } = this;
    const bucket = mix32(id ^ this.hashSeed) & (heads.length - 1);
    const rest = links[slot];
    let reference = heads[bucket];
    if (reference >> 1 === slot) {
      heads[bucket] = rest;
      return true;
    }
    // Where the reference to the key in front is: in the heads, else in the record of the one before that.
    let before = -1;
    while (reference & FOLLOWED) {
      const front = reference >> 1;
      reference = links[front]!;
      if (reference >> 1 === slot) {
        links[front] = rest;
        if (rest !== 0) return true;
        if (before < 0) heads[bucket] &= ~FOLLOWED;
        else links[before] &= ~FOLLOWED;
        return true;
      }
      before = front;
    }
    return false;
  }

  /**
   * Candidates for eviction: chains of neighbouring buckets from a random start, both arrays during a rehash. Entries
   * beyond `count` in the last chain replace earlier ones with equal chance (reservoir), or are left out. A long run of
   * empty buckets makes it start elsewhere; after 10 visits per wanted entry it returns what it has, possibly nothing.
   */
  sample(count: number, out: Int32Array): number {
    const wanted = Math.min(count, this.size);
    for (let step = 0; step < wanted && this.rehashIndex >= 0; step++) this.rehash(1);
    const { sampler, heads0, heads1, rehashIndex } = this;
    return rehashIndex < 0
      ? sampler.sampleAtRest(heads0, wanted, out)
      : sampler.sampleBoth(heads0, heads1, rehashIndex, wanted, out);
  }

  /** Uniform over non-empty buckets, then over the chain: a key alone in its bucket is drawn more often. */
  randomKey(): number {
    if (this.rehashIndex >= 0) this.rehash(1);
    const { random, heads0, heads1 } = this;
    let head = 0;
    while (head === 0) {
      if (this.rehashIndex >= 0) {
        const bucket = this.rehashIndex + random.below(this.positions - this.rehashIndex);
        head = bucket < heads0.length ? heads0[bucket] : heads1[bucket - heads0.length];
      } else {
        head = heads0[random.int32() & (heads0.length - 1)]!;
      }
    }
    return this.sampler.drawFrom(head);
  }

  collectAt(cursor: number, out: number[]): number {
    this.collectChain(this.heads0, cursor, out);
    if (this.rehashIndex < 0) return 1;
    this.collectChain(this.heads1, cursor, out);
    return 2;
  }

  scan(cursor: number, out: number[]): number {
    const { heads0, heads1 } = this;
    if (this.rehashIndex < 0) {
      this.collectChain(heads0, cursor, out);
      return nextScanCursor(cursor, heads0.length - 1);
    }
    const [smaller, larger] = heads0.length > heads1.length ? [heads1, heads0] : [heads0, heads1];
    this.collectChain(smaller, cursor, out);
    // Then all buckets of the larger table whose keys share that one in the smaller.
    let next = cursor;
    do {
      this.collectChain(larger, next, out);
      next = nextScanCursor(next, larger.length - 1);
    } while (next & (larger.length - 1) & ~(smaller.length - 1));
    return next;
  }

  endScan(): void {}

  private collectChain(heads: Int32Array, cursor: number, out: number[]): void {
    let reference = heads[cursor & (heads.length - 1)];
    while (reference !== 0) {
      out.push(reference >> 1);
      if ((reference & FOLLOWED) === 0) return;
      reference = this.links[reference >> 1]!;
    }
  }

  peek(id: number): number {
    const heads = this.rehashIndex < 0 ? this.heads0 : this.heads1;
    return heads.length === 0 ? 0 : heads[mix32(id ^ this.hashSeed) & (heads.length - 1)];
  }

  resizeIfSparse(): void {
    const buckets = this.heads0.length;
    if (this.rehashIndex >= 0 || buckets <= INITIAL_BUCKETS) return;
    if (this.shrinksOnDelete) this.shrinkIfAnEighthIsLeft();
    else if (Math.floor((this.used0 * 100) / buckets) < MIN_FILL_PERCENT) this.shrink();
    if (this.rules.timerGrows) this.growIfFull();
  }

  rehashFor(buckets: number): boolean {
    if (this.rehashIndex < 0) return false;
    this.rehash(buckets);
    return true;
  }

  private growIfFull(): void {
    if (this.rehashIndex >= 0) return;
    const buckets = this.heads0.length;
    if (buckets === 0) {
      this.resize(INITIAL_BUCKETS);
      return;
    }
    if (this.used0 < buckets) return;
    const target = nextPowerOfTwo(this.used0 + 1);
    if (!this.rules.growthVeto || this.fits(target)) this.resize(target);
  }

  private shrinkIfAnEighthIsLeft(): void {
    const buckets = this.heads0.length;
    if (this.rehashIndex >= 0 || buckets <= INITIAL_BUCKETS) return;
    if (this.used0 * MAX_BUCKETS_PER_KEY > buckets) return;
    if (this.fits(nextPowerOfTwo(this.used0))) this.shrink();
  }

  private shrink(): void {
    this.resize(nextPowerOfTwo(this.used0));
  }

  /** Whether the memory limit has nothing against another array of that many buckets. */
  private fits(buckets: number): boolean {
    const load = this.used0 / this.heads0.length;
    return load > MAX_LOAD_UNDER_VETO || !this.account.wouldExceed(this.arrayBytes(buckets));
  }

  private resize(buckets: number): void {
    if (buckets === this.heads0.length) return;
    this.account.used += this.arrayBytes(buckets);
    const heads = new Int32Array(buckets);
    if (this.heads0.length === 0) {
      this.account.used += this.firstKeyBytes;
      this.heads0 = heads;
      return;
    }
    this.heads1 = heads;
    this.rehashIndex = 0;
    // Tables that shrink when keys go are replaced at once when none is left; the timer has to finish the others.
    if (this.shrinksOnDelete) this.endRehashIfDone();
  }

  /** Moves up to `steps` non-empty buckets to table 1, passing at most ten empty ones per step. */
  private rehash(steps: number): void {
    const { heads0 } = this;
    let emptyVisits = steps * 10;
    for (let step = 0; step < steps && this.used0 > 0; step++) {
      while (heads0[this.rehashIndex] === 0) {
        this.rehashIndex++;
        if (--emptyVisits === 0) return;
      }
      this.moveBucket(this.rehashIndex);
      this.rehashIndex++;
    }
    this.endRehashIfDone();
  }

  /** Moves a chain to table 1, which turns its order round. */
  private moveBucket(bucket: number): void {
    const { ids, links, heads0, heads1 } = this;
    const mask = heads1.length - 1;
    let reference = heads0[bucket];
    while (reference !== 0) {
      const slot = reference >> 1;
      const next = links[slot];
      const target = mix32(ids[slot] ^ this.hashSeed) & mask;
      const head = heads1[target];
      links[slot] = head;
      if (this.nodeBytes > 0) {
        this.dropNode(slot);
        if (head !== 0) this.makeNode(slot);
      }
      heads1[target] = referenceTo(slot, head);
      this.used0--;
      this.used1++;
      reference = next;
    }
    heads0[bucket] = 0;
  }

  private endRehashIfDone(): void {
    if (this.used0 > 0) return;
    this.account.used -= this.arrayBytes(this.heads0.length);
    this.heads0 = this.heads1;
    this.used0 = this.used1;
    this.heads1 = EMPTY;
    this.used1 = 0;
    this.rehashIndex = -1;
  }

  private arrayBytes(buckets: number): number {
    return buckets === 0 ? 0 : this.round(8 * buckets);
  }

  checkInvariants(): void {
    const seen = new Set<number>();
    const walk = (heads: Int32Array): number => {
      for (let bucket = 0; bucket < heads.length; bucket++) {
        for (let reference = heads[bucket]; reference !== 0;) {
          const slot = reference >> 1;
          const id = this.ids[slot];
          if ((mix32(id ^ this.hashSeed) & (heads.length - 1)) !== bucket) {
            throw new InvariantError(
              `key ${id} hangs in bucket ${bucket}, where it does not hash to`,
            );
          }
          if (seen.has(id)) throw new InvariantError(`key ${id} is in the table twice`);
          seen.add(id);
          const next = this.links[slot];
          if ((next !== 0) !== ((reference & FOLLOWED) !== 0)) {
            throw new InvariantError(`key ${id} and the reference to it disagree on what follows`);
          }
          reference = next;
        }
      }
      return seen.size;
    };
    const in0 = walk(this.heads0);
    const both = walk(this.heads1);
    if (in0 !== this.used0 || both - in0 !== this.used1) {
      throw new InvariantError(
        `counted ${in0} + ${both - in0} keys, kept ${this.used0} + ${this.used1}`,
      );
    }
    for (let bucket = 0; bucket < this.rehashIndex; bucket++) {
      if (this.heads0[bucket] !== 0)
        throw new InvariantError(`bucket ${bucket} was passed but not moved`);
    }
  }
}
