import { InvariantError } from '../errors.ts';
import type { MemoryAccount } from '../memory/account.ts';
import type { Rounder } from '../memory/size-classes.ts';
import { mix32, type Random } from '../random.ts';
import type { DictRules } from './dict-rules.ts';
import { EXPIRES_LINK, EXPIRES_NODE, MAIN_LINK, MAIN_NODE, RECORD_SHIFT } from './key-records.ts';
import type { KeyTable, TableKind, TableParts, TableRole } from './key-table.ts';
import { nextScanCursor } from './scan-cursor.ts';

const INITIAL_BUCKETS = 4;
/** Growth at the memory limit is refused up to this many keys per bucket (docs/model.md, growth veto). */
const MAX_LOAD_UNDER_VETO = 1.618;
/** The timer shrinks a table that is less than this full, in percent. */
const MIN_FILL_PERCENT = 10;
/** A deletion shrinks a table with this many buckets per key or more. */
const MAX_BUCKETS_PER_KEY = 8;

const EMPTY = new Int32Array(0);

/**
 * The chained dictionary of Redis ≤ 8.x and Valkey ≤ 8.0: power-of-two buckets, new entries at the head of their
 * chain, growth by incremental rehashing into a second array. Chains run through the keys' own records.
 *
 * Costs no allocation per key: an array holds id + 1 of each chain's head. Behaviour: docs/model.md (hash table).
 */
export class ChainedDict implements KeyTable {
  private readonly words: Int32Array;
  private readonly link: number;
  /** The flag of a key that has a node, bytes of one (0 = there are none), and how many there are. */
  private readonly nodeFlag: number;
  private readonly nodeBytes: number;
  private nodes = 0;
  private readonly hashSeed: number;
  private readonly random: Random;
  private readonly account: MemoryAccount;
  private readonly round: Rounder;
  private readonly rules: DictRules;
  private readonly role: TableRole;
  /** Tables 0 and 1; 1 exists during a rehash only. */
  private heads0: Int32Array = EMPTY;
  private heads1: Int32Array = EMPTY;
  private used0 = 0;
  private used1 = 0;
  /** Buckets of table 0 below this index have moved; -1 = no rehash. */
  private rehashIndex = -1;

  constructor(rules: DictRules, role: TableRole, parts: TableParts) {
    this.words = parts.records.words;
    this.link = role === 'main' ? MAIN_LINK : EXPIRES_LINK;
    this.nodeFlag = role === 'main' ? MAIN_NODE : EXPIRES_NODE;
    this.nodeBytes = rules.nodeBytes === 0 ? 0 : parts.round(rules.nodeBytes);
    this.hashSeed = parts.hashSeed;
    this.random = parts.random;
    this.account = parts.account;
    this.round = parts.round;
    this.rules = rules;
    this.role = role;
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
    return arrays + this.rules.firstKeyBytes[this.role] + this.chainBytes;
  }

  get chainBytes(): number {
    return this.nodes * this.nodeBytes;
  }

  get isRehashing(): boolean {
    return this.rehashIndex >= 0;
  }

  onLookup(id: number): void {
    if (this.rehashIndex < 0) return;
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

  insert(id: number): void {
    this.onLookup(id);
    this.growIfFull();
    const rehashing = this.rehashIndex >= 0;
    const heads = rehashing ? this.heads1 : this.heads0;
    const bucket = mix32(id ^ this.hashSeed) & (heads.length - 1);
    this.words[(id << RECORD_SHIFT) + this.link] = heads[bucket]!;
    if (this.nodeBytes > 0 && heads[bucket] !== 0) this.makeNode(id);
    heads[bucket] = id + 1;
    if (rehashing) this.used1++;
    else this.used0++;
  }

  remove(id: number): void {
    // Main tables unlink and free in two steps, and that lookup moves the next bucket in every version.
    if (this.role === 'expires') this.onLookup(id);
    else if (this.rehashIndex >= 0) this.rehash(1);
    const hash = mix32(id ^ this.hashSeed);
    if (this.unlink(this.heads0, hash, id)) this.used0--;
    else if (this.unlink(this.heads1, hash, id)) this.used1--;
    else throw new InvariantError(`key ${id} is not in its table`);
    if (this.nodeBytes > 0) this.dropNode(id);
    if (this.rules.shrinks === 'delete') this.shrinkIfAnEighthIsLeft();
  }

  private makeNode(id: number): void {
    this.words[id << RECORD_SHIFT] |= this.nodeFlag;
    this.nodes++;
    this.account.used += this.nodeBytes;
  }

  private dropNode(id: number): void {
    const at = id << RECORD_SHIFT;
    if ((this.words[at] & this.nodeFlag) === 0) return;
    this.words[at] &= ~this.nodeFlag;
    this.nodes--;
    this.account.used -= this.nodeBytes;
  }

  private unlink(heads: Int32Array, hash: number, id: number): boolean {
    if (heads.length === 0) return false;
    const { words, link } = this;
    const bucket = hash & (heads.length - 1);
    let entry = heads[bucket];
    if (entry === id + 1) {
      heads[bucket] = words[(id << RECORD_SHIFT) + link]!;
      return true;
    }
    while (entry !== 0) {
      const at = ((entry - 1) << RECORD_SHIFT) + link;
      const next = words[at];
      if (next === id + 1) {
        words[at] = words[(id << RECORD_SHIFT) + link]!;
        return true;
      }
      entry = next;
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
    const { words, link, random, heads0, heads1 } = this;
    const { samplesWholeChains } = this.rules;
    const rehashing = this.rehashIndex >= 0;
    const mask = Math.max(heads0.length, heads1.length) - 1;
    let visits = wanted * 10;
    let index = random.uint32() & mask;
    let emptyRun = 0;
    let stored = 0;
    while (stored < wanted && visits-- > 0) {
      for (let table = 0; table < (rehashing ? 2 : 1); table++) {
        if (rehashing && table === 0 && index < this.rehashIndex) {
          // Nothing is left there. Where table 1 has no such bucket either, go on at the first unmoved one.
          if (index < heads1.length) continue;
          index = this.rehashIndex;
        }
        const heads = table === 0 ? heads0 : heads1;
        if (index >= heads.length) continue;
        let entry = heads[index];
        if (entry === 0) {
          emptyRun++;
          if (emptyRun >= 5 && emptyRun > wanted) {
            index = random.uint32() & mask;
            emptyRun = 0;
          }
          continue;
        }
        emptyRun = 0;
        while (entry !== 0) {
          if (stored < wanted) {
            out[stored] = entry - 1;
          } else if (!samplesWholeChains) {
            return wanted;
          } else {
            const slot = random.below(stored + 1);
            if (slot < wanted) out[slot] = entry - 1;
          }
          stored++;
          entry = words[((entry - 1) << RECORD_SHIFT) + link]!;
        }
        if (stored >= wanted) return wanted;
      }
      index = (index + 1) & mask;
    }
    return stored;
  }

  /** Uniform over non-empty buckets, then over the chain: a key alone in its bucket is drawn more often. */
  randomKey(): number {
    if (this.rehashIndex >= 0) this.rehash(1);
    const { random, heads0, heads1, words, link } = this;
    let head = 0;
    while (head === 0) {
      if (this.rehashIndex >= 0) {
        const bucket = this.rehashIndex + random.below(this.positions - this.rehashIndex);
        head = bucket < heads0.length ? heads0[bucket] : heads1[bucket - heads0.length];
      } else {
        head = heads0[random.uint32() & (heads0.length - 1)]!;
      }
    }
    let length = 0;
    for (let entry = head; entry !== 0; entry = words[((entry - 1) << RECORD_SHIFT) + link]!) {
      length++;
    }
    let entry = head;
    for (let skip = length === 1 ? 0 : random.below(length); skip > 0; skip--) {
      entry = words[((entry - 1) << RECORD_SHIFT) + link]!;
    }
    return entry - 1;
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
    let entry = heads[cursor & (heads.length - 1)];
    while (entry !== 0) {
      out.push(entry - 1);
      entry = this.words[((entry - 1) << RECORD_SHIFT) + this.link]!;
    }
  }

  resizeIfSparse(): void {
    const buckets = this.heads0.length;
    if (this.rehashIndex >= 0 || buckets <= INITIAL_BUCKETS) return;
    if (this.rules.shrinks === 'delete') this.shrinkIfAnEighthIsLeft();
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
      this.account.used += this.rules.firstKeyBytes[this.role];
      this.heads0 = heads;
      return;
    }
    this.heads1 = heads;
    this.rehashIndex = 0;
    // Tables that shrink when keys go are replaced at once when none is left; the timer has to finish the others.
    if (this.rules.shrinks === 'delete') this.endRehashIfDone();
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
    const { words, link, heads0, heads1 } = this;
    const mask = heads1.length - 1;
    let entry = heads0[bucket];
    while (entry !== 0) {
      const id = entry - 1;
      const next = words[(id << RECORD_SHIFT) + link];
      const target = mix32(id ^ this.hashSeed) & mask;
      words[(id << RECORD_SHIFT) + link] = heads1[target]!;
      if (this.nodeBytes > 0) {
        this.dropNode(id);
        if (heads1[target] !== 0) this.makeNode(id);
      }
      heads1[target] = entry;
      this.used0--;
      this.used1++;
      entry = next;
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
        for (let entry = heads[bucket]; entry !== 0;) {
          const id = entry - 1;
          if ((mix32(id ^ this.hashSeed) & (heads.length - 1)) !== bucket) {
            throw new InvariantError(
              `key ${id} hangs in bucket ${bucket}, where it does not hash to`,
            );
          }
          if (seen.has(id)) throw new InvariantError(`key ${id} is in the table twice`);
          seen.add(id);
          entry = this.words[(id << RECORD_SHIFT) + this.link]!;
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

function nextPowerOfTwo(atLeast: number): number {
  let size = INITIAL_BUCKETS;
  while (size < atLeast) size *= 2;
  return size;
}

/** The two members of a server profile that say that its tables are dictionaries; nodes as many as are to be expected. */
export function dictionaryTables(rules: DictRules): TableKind {
  return {
    createTable: (role, parts) => new ChainedDict(rules, role, parts),
    tableBytes(role, keys, round) {
      if (keys === 0) return 0;
      let buckets = nextPowerOfTwo(keys);
      if (rules.timerGrows && keys === buckets && buckets > INITIAL_BUCKETS) buckets *= 2;
      const array = round(8 * buckets) + rules.firstKeyBytes[role];
      if (rules.nodeBytes === 0) return array;
      const nonEmpty = buckets * (1 - (1 - 1 / buckets) ** keys);
      return array + round(rules.nodeBytes) * Math.round(keys - nonEmpty);
    },
  };
}
