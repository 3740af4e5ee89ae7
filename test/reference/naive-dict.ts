import type { DictRules } from '../../src/keyspace/dict-rules.ts';
import { mix32, type Random } from '../../src/random.ts';

/**
 * The server's chained dictionary as arrays of arrays, step by step as the eviction model tells it (tables, sampling,
 * growth). Draws its random numbers where the text says so, in that order.
 */
export class NaiveDict {
  /** Buckets, each the list of its keys, head first. The second table is there during a rehash only. */
  tables: number[][][] = [[], []];
  /** Buckets of the first table below it have moved; undefined = no rehash. */
  cursor: number | undefined;
  private readonly rules: DictRules;
  private readonly hashSeed: number;
  private readonly random: Random;
  /** Whether allocating that many bytes would break the memory limit. */
  private readonly wouldExceed: (bytes: number) => boolean;

  constructor(
    rules: DictRules,
    hashSeed: number,
    random: Random,
    wouldExceed: (bytes: number) => boolean,
  ) {
    this.rules = rules;
    this.hashSeed = hashSeed;
    this.random = random;
    this.wouldExceed = wouldExceed;
  }

  get keys(): number[] {
    return this.tables.flat(2);
  }

  /** One pointer per bucket, and what comes with the first key of a main table. */
  get bytes(): number {
    const { length } = this.tables.flat();
    return length === 0 ? 0 : 8 * length + this.rules.firstKeyBytes.main;
  }

  private bucketOf(id: number, table: number[][]): number[] {
    return table[mix32(id ^ this.hashSeed) % table.length];
  }

  /** One step of the rehash: a non-empty bucket moves, unless ten empty ones come first. */
  step(): void {
    this.steps(1);
  }

  private steps(count: number): void {
    if (this.cursor === undefined) return;
    const [from] = this.tables;
    let emptyAllowed = 10 * count;
    for (let i = 0; i < count && holdsKeys(from); i++) {
      while (from[this.cursor].length === 0) {
        this.cursor++;
        emptyAllowed--;
        if (emptyAllowed === 0) return;
      }
      this.move(this.cursor);
      this.cursor++;
    }
    this.finish();
  }

  /** Head first, each pushed at the head of its new chain: the order reverses. */
  private move(bucket: number): void {
    const [from, to] = this.tables;
    for (const id of from[bucket]) this.bucketOf(id, to).unshift(id);
    from[bucket] = [];
  }

  private finish(): void {
    if (this.cursor === undefined || holdsKeys(this.tables[0])) return;
    this.tables = [this.tables[1], []];
    this.cursor = undefined;
  }

  lookup(id: number): void {
    if (this.cursor === undefined) return;
    const own = mix32(id ^ this.hashSeed) % this.tables[0].length;
    const waiting = own >= this.cursor && this.tables[0][own].length > 0;
    if (!this.rules.movesBucketLookedUp || !waiting) this.step();
    else {
      this.move(own);
      this.finish();
    }
  }

  rehashFor(buckets: number): boolean {
    if (this.cursor === undefined) return false;
    this.steps(buckets);
    return true;
  }

  insert(id: number): void {
    this.lookup(id);
    this.growIfFull();
    const table = this.tables[this.cursor === undefined ? 0 : 1];
    this.bucketOf(id, table).unshift(id);
  }

  private growIfFull(): void {
    if (this.cursor !== undefined) return;
    const used = this.keys.length;
    const size = this.tables[0].length;
    if (size === 0) {
      this.tables[0] = emptyBuckets(4);
      return;
    }
    if (used < size) return;
    const wanted = powerOfTwo(used + 1);
    if (!this.rules.growthVeto || this.mayResize(wanted)) this.resize(wanted);
  }

  private mayResize(buckets: number): boolean {
    return this.keys.length / this.tables[0].length > 1.618 || !this.wouldExceed(8 * buckets);
  }

  private resize(buckets: number): void {
    this.tables[1] = emptyBuckets(buckets);
    this.cursor = 0;
    if (this.rules.shrinks === 'delete') this.finish();
  }

  /** The timer's: a table less than a tenth full becomes as small as it can; a full one may double. */
  tick(): void {
    const used = this.keys.length;
    const size = this.tables[0].length;
    if (this.cursor !== undefined || size <= 4) return;
    if (this.rules.shrinks === 'delete') this.shrinkAtAnEighth();
    else if (Math.floor((used * 100) / size) < 10) this.resize(powerOfTwo(used));
    if (this.rules.timerGrows) this.growIfFull();
  }

  private shrinkAtAnEighth(): void {
    const used = this.keys.length;
    const size = this.tables[0].length;
    if (this.cursor !== undefined || size <= 4 || used * 8 > size) return;
    if (this.mayResize(powerOfTwo(used))) this.resize(powerOfTwo(used));
  }

  remove(id: number): void {
    this.step();
    for (const table of this.tables) {
      if (table.length === 0) continue;
      const bucket = this.bucketOf(id, table);
      if (bucket.includes(id)) bucket.splice(bucket.indexOf(id), 1);
    }
    if (this.rules.shrinks === 'delete') this.shrinkAtAnEighth();
  }

  sample(count: number): number[] {
    const n = Math.min(count, this.keys.length);
    for (let i = 0; i < n; i++) this.step();
    const sizes = this.tables.map((table) => table.length);
    const larger = Math.max(...sizes);
    const collected: number[] = [];
    let seen = 0;
    let emptyRun = 0;
    let i = this.random.uint32() % larger;
    for (let visits = 0; visits < 10 * n && seen < n; visits++) {
      for (const number of this.cursor === undefined ? [0] : [0, 1]) {
        if (number === 0 && this.cursor !== undefined && i < this.cursor) {
          if (i < sizes[1]) continue;
          i = this.cursor;
        }
        if (i >= sizes[number]) continue;
        const bucket = this.tables[number][i];
        if (bucket.length === 0) {
          emptyRun++;
          if (emptyRun >= 5 && emptyRun > n) {
            i = this.random.uint32() % larger;
            emptyRun = 0;
          }
          continue;
        }
        emptyRun = 0;
        for (const id of bucket) {
          if (seen === n && !this.rules.samplesWholeChains) break;
          seen++;
          if (seen <= n) collected.push(id);
          else {
            const slot = this.random.below(seen);
            if (slot < n) collected[slot] = id;
          }
        }
        if (seen >= n) break;
      }
      i = (i + 1) % larger;
    }
    return collected;
  }

  /** A uniform non-empty bucket of what is left, then a uniform entry of its chain. */
  randomKey(): number {
    this.step();
    const buckets = this.tables.flat();
    const passed = this.cursor ?? 0;
    let chain: number[] = [];
    while (chain.length === 0) {
      chain =
        this.cursor === undefined
          ? buckets[this.random.uint32() % buckets.length]
          : buckets[passed + this.random.below(buckets.length - passed)];
    }
    return chain.length === 1 ? chain[0] : chain[this.random.below(chain.length)];
  }

  /** Every bucket a linear cursor finds at this place. */
  at(cursor: number): number[] {
    return this.tables.flatMap((table) => (table.length === 0 ? [] : table[cursor % table.length]));
  }
}

function holdsKeys(table: readonly number[][]): boolean {
  return table.some((bucket) => bucket.length > 0);
}

function emptyBuckets(count: number): number[][] {
  return Array.from({ length: count }, () => []);
}

function powerOfTwo(atLeast: number): number {
  return Math.max(4, 2 ** Math.ceil(Math.log2(Math.max(1, atLeast))));
}
