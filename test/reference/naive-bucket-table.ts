import type { BucketTableRules } from '../../src/keyspace/bucket-table-rules.ts';
import { mix32, type Random } from '../../src/random.ts';

/** A bucket: seven places, or six and a child. */
interface Bucket {
  places: (number | null)[];
  child: Bucket | null;
}

type Table = Bucket[];

/**
 * The bucket table as objects and arrays, step by step as the eviction model tells it (buckets, children, sampling,
 * growth). Draws its random numbers where the text says so, in that order.
 */
export class NaiveBucketTable {
  /** The second table is there during a rehash only. */
  tables: [Table, Table] = [[], []];
  /** Buckets of the first table below it have moved; undefined = no rehash. */
  cursor: number | undefined;
  private readonly hashSeed: number;
  private readonly random: Random;
  private readonly rules: BucketTableRules;
  /** Whether allocating that many bytes would break the memory limit. */
  private readonly wouldExceed: (bytes: number) => boolean;

  constructor(
    hashSeed: number,
    random: Random,
    rules: BucketTableRules,
    wouldExceed: (bytes: number) => boolean,
  ) {
    this.hashSeed = hashSeed;
    this.random = random;
    this.rules = rules;
    this.wouldExceed = wouldExceed;
  }

  get keys(): number[] {
    return this.tables.flat().flatMap(keysOfChain);
  }

  get childCount(): number {
    return this.tables.flat().reduce((sum, bucket) => sum + chainOf(bucket).length - 1, 0);
  }

  /** Arrays and children; not the table's header. */
  get bytes(): number {
    return 64 * (this.tables[0].length + this.tables[1].length + this.childCount);
  }

  private bucketOf(id: number, table: Table): Bucket {
    return table[mix32(id ^ this.hashSeed) % table.length];
  }

  lookup(): void {
    if (this.cursor !== undefined) this.step();
  }

  /** One step of the rehash: a bucket with its children moves. */
  private step(): void {
    const [from, to] = this.tables;
    const { rehashesLeanly } = this.rules;
    if (rehashesLeanly && to.length < from.length) {
      let passed = 0;
      while (from.some((b) => keysOfChain(b).length > 0) && isEmpty(from[this.cursor!])) {
        this.cursor!++;
        passed++;
        if (passed === 10) return;
      }
    }
    const moving = keysOfChain(from[this.cursor!]);
    from[this.cursor!] = emptyBucket();
    for (const id of moving) put(this.bucketOf(id, to), id);
    this.cursor!++;
    const done = rehashesLeanly ? from.every(isEmpty) : this.cursor === from.length;
    if (done) this.endRehash();
  }

  private endRehash(): void {
    this.tables = [this.tables[1], []];
    this.cursor = undefined;
  }

  rehashFor(buckets: number): boolean {
    if (this.cursor === undefined) return false;
    for (let i = 0; i < buckets; i++) this.lookup();
    return true;
  }

  insert(id: number): void {
    this.lookup();
    this.growIfFull();
    put(this.bucketOf(id, this.tables[this.cursor === undefined ? 0 : 1]), id);
  }

  private growIfFull(): void {
    const [first, second] = this.tables;
    const count = this.keys.length + 1;
    if (this.cursor !== undefined && this.rules.rehashesLeanly) return;
    const current = this.cursor === undefined ? first.length : second.length;
    if (count > 7 * current) this.resize(count, current);
  }

  remove(id: number): void {
    this.take(id);
    this.shrinkIfSparse();
  }

  private take(id: number): void {
    this.lookup();
    for (const table of this.tables) {
      if (table.length === 0) continue;
      const chain = chainOf(this.bucketOf(id, table));
      const holder = chain.find((bucket) => bucket.places.includes(id));
      if (holder === undefined) continue;
      const place = holder.places.indexOf(id);
      holder.places[place] = null;
      if (holder.child !== null) fillHole(holder, place);
      return;
    }
    throw new Error(`key ${id} is not in the table`);
  }

  /** What a scan does to the keys it looks at and deletes: holes stay until it has passed. */
  removeInScan(ids: number[]): void {
    const touched = new Set<Bucket>();
    for (const id of ids) {
      for (const table of this.tables) {
        if (table.length === 0) continue;
        const top = this.bucketOf(id, table);
        for (const bucket of chainOf(top)) {
          const place = bucket.places.indexOf(id);
          if (place < 0) continue;
          bucket.places[place] = null;
          touched.add(top);
        }
      }
    }
    if (this.rules.compactsAfterScan) for (const top of touched) compact(top);
    if (touched.size > 0) this.shrinkIfSparse();
  }

  shrinkIfSparse(): boolean {
    if (this.cursor !== undefined) return false;
    const count = this.keys.length;
    const buckets = this.tables[0].length;
    if (count * 100 > 13 * 7 * buckets) return false;
    return this.resize(Math.max(1, count), buckets);
  }

  timerResize(): void {
    if (!this.shrinkIfSparse()) this.growIfFull();
  }

  private resize(count: number, current: number): boolean {
    const atLeast = Math.ceil((5 * count) / 32);
    const buckets = 2 ** Math.ceil(Math.log2(atLeast));
    if (buckets === current) return false;
    const asks = !this.rules.rehashesLeanly || buckets > current;
    const load = count / (7 * current);
    if (asks && load <= 1.618 && this.wouldExceed(64 * buckets)) return false;
    while (this.cursor !== undefined) this.step();
    this.tables[1] = Array.from({ length: buckets }, emptyBucket);
    this.cursor = 0;
    const [from] = this.tables;
    if (from.every(isEmpty)) {
      this.endRehash();
    }
    return true;
  }

  /** The keys a scan finds at a cursor, and the cursor after it. */
  scan(cursor: bigint): { ids: number[]; next: bigint } {
    const ids: number[] = [];
    const look = (table: Table, index: bigint): void => {
      const bucket = Number(index);
      if (table === this.tables[0] && bucket < (this.cursor ?? 0)) return;
      ids.push(...keysOfChain(table[bucket]));
    };
    const sized = this.tables.filter((table) => table.length > 0);
    sized.sort((a, b) => a.length - b.length);
    const small = sized[0];
    if (sized.length === 1) {
      const size = BigInt(small.length);
      look(small, cursor % size);
      return { ids, next: after(cursor % size, size) };
    }
    const large = sized[1];
    const [smallSize, largeSize] = [BigInt(small.length), BigInt(large.length)];
    look(small, cursor % smallSize);
    let next = cursor % largeSize;
    do {
      look(large, next);
      next = after(next, largeSize);
    } while (next / smallSize > 0n);
    return { ids, next };
  }

  sample(count: number): number[] {
    return this.sampleBuckets(count, false);
  }

  private sampleBuckets(count: number, alone: boolean): number[] {
    const wanted = Math.min(count, this.keys.length);
    const kept: number[] = [];
    let seen = 0;
    let cursor = BigInt(this.random.uint32());
    while (seen < wanted) {
      const { ids, next } = this.scan(cursor);
      for (const id of ids) {
        seen++;
        if (kept.length < wanted) {
          kept.push(id);
          continue;
        }
        const place = this.random.below(seen);
        if (place < wanted) kept[place] = id;
      }
      cursor = alone ? BigInt(this.random.uint32()) : next;
    }
    this.lookup();
    return kept;
  }

  randomKey(): number {
    const drawn = this.sampleBuckets(7, this.rules.drawsBucketsAlone);
    return drawn[this.random.below(drawn.length)];
  }
}

function emptyBucket(): Bucket {
  return { places: Array<null>(7).fill(null), child: null };
}

function isEmpty(top: Bucket): boolean {
  return top.child === null && keysIn(top).length === 0;
}

function chainOf(top: Bucket): Bucket[] {
  return top.child === null ? [top] : [top, ...chainOf(top.child)];
}

function keysIn(bucket: Bucket): number[] {
  return bucket.places.filter((id) => id !== null);
}

function keysOfChain(top: Bucket): number[] {
  return chainOf(top).flatMap(keysIn);
}

function put(bucket: Bucket, id: number): void {
  const free = bucket.places.indexOf(null);
  if (free >= 0) {
    bucket.places[free] = id;
  } else if (bucket.child !== null) {
    put(bucket.child, id);
  } else {
    bucket.child = emptyBucket();
    bucket.child.places[0] = bucket.places.pop()!;
    put(bucket.child, id);
  }
}

function fillHole(bucket: Bucket, place: number): void {
  const chain = chainOf(bucket);
  const last = chain[chain.length - 1];
  const from = last.places.findIndex((id) => id !== null);
  if (from >= 0) {
    bucket.places[place] = last.places[from];
    last.places[from] = null;
  }
  if (keysIn(last).length <= 1) dropLast(chain[chain.length - 2]);
}

function dropLast(before: Bucket): void {
  const left = keysIn(before.child!).at(0) ?? null;
  before.child = null;
  before.places.push(left);
}

function compact(top: Bucket): void {
  for (let bucket = top; bucket.child !== null;) {
    const next: Bucket = bucket.child;
    const count = keysIn(next).length;
    if (count === 0 && next.child !== null) {
      bucket.child = next.child;
      continue;
    }
    if (count <= 1 && next.child === null) {
      dropLast(bucket);
      return;
    }
    for (let place = 0; place < 6; place++) {
      if (bucket.places[place] === null && chainOf(bucket).length > 1) fillHole(bucket, place);
    }
    bucket = next;
  }
}

/** Counts up with the bits of the index in reverse order. */
function after(index: bigint, size: bigint): bigint {
  const bits = size.toString(2).length - 1;
  const reversed = (value: bigint): bigint =>
    bits === 0
      ? 0n
      : BigInt('0b' + value.toString(2).padStart(bits, '0').split('').reverse().join(''));
  const next = reversed(index) + 1n;
  return next === size ? 0n : reversed(next);
}
