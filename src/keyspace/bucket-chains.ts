import { InvariantError } from '../errors.ts';
import type { MemoryAccount } from '../memory/account.ts';
import type { Rounder } from '../memory/size-classes.ts';
import type { Random } from '../random.ts';

export const BUCKET_BYTES = 64;
/** Keys a bucket has room for. */
export const POSITIONS = 7;
/** Ints per bucket: its marks, then its positions. */
const SHIFT = 3;
const LINK = POSITIONS;
/** Marks: a bit per position that is taken, and one for a bucket whose last position leads to a child. */
const ALL_TAKEN = 0x7f;
const CHAINED = 0x80;
const CHAINED_FULL = CHAINED | 0x3f;

const EMPTY = new Int32Array(0);

/** How many positions are taken, by marks. */
const TAKEN = Uint8Array.from({ length: 256 }, (_, marks) => {
  let taken = 0;
  for (let bit = 0; bit < POSITIONS; bit++) taken += (marks >> bit) & 1;
  return taken;
});

/**
 * The buckets of one array of a bucket table, with the child buckets that hang off the full ones. Which position a key
 * gets, and which key fills the hole of a deleted one, is what servers do: both decide the order keys are seen in.
 *
 * Eight ints per bucket in one array for the buckets and one, growing, for the children; freed children are used again.
 */
export class BucketChains {
  readonly buckets: number;
  used = 0;
  children = 0;
  private readonly account: MemoryAccount;
  private readonly arrayBytes: number;
  private readonly childBytes: number;
  private cells: Int32Array;
  private childCells: Int32Array = EMPTY;
  /** Children ever made, and the first of those that are free, linked through their last position; -1 = none. */
  private childrenMade = 0;
  private freeChild = -1;

  constructor(buckets: number, account: MemoryAccount, round: Rounder) {
    this.buckets = buckets;
    this.account = account;
    this.arrayBytes = buckets === 0 ? 0 : round(BUCKET_BYTES * buckets);
    this.childBytes = round(BUCKET_BYTES);
    this.cells = new Int32Array(buckets << SHIFT);
    account.used += this.arrayBytes;
  }

  /** Gives the memory of the array back; its children are gone by then. */
  release(): void {
    this.account.used -= this.arrayBytes;
    this.cells = EMPTY;
  }

  get bytes(): number {
    return this.arrayBytes + this.childrenBytes;
  }

  get childrenBytes(): number {
    return this.children * this.childBytes;
  }

  /** Puts a key into the lowest free position of the first bucket of the chain that has one. */
  insert(bucket: number, slot: number): void {
    let cells = this.cells;
    let at = bucket << SHIFT;
    for (;;) {
      const marks = cells[at];
      if (marks === ALL_TAKEN) {
        const child = this.makeChild();
        // The last position becomes the way to a child, which takes over the key there.
        this.childCells[child + 1] = cells[at + LINK]!;
        this.childCells[child] = 1;
        // The children may have moved to a larger array just now.
        if (cells !== this.cells) cells = this.childCells;
        cells[at] = CHAINED_FULL;
        cells[at + LINK] = child;
      } else if (marks !== CHAINED_FULL) {
        const free = ~marks & ALL_TAKEN;
        const position = 31 - Math.clz32(free & -free);
        cells[at] = marks | (1 << position);
        cells[at + 1 + position] = slot;
        this.used++;
        return;
      }
      at = cells[at + LINK]!;
      cells = this.childCells;
    }
  }

  /** Takes a key out of its chain; false if it isn't in it. `fills`: a hole before the last bucket is filled at once. */
  remove(bucket: number, slot: number, fills: boolean): boolean {
    let cells = this.cells;
    let at = bucket << SHIFT;
    for (;;) {
      const marks = cells[at];
      for (let left = marks & ALL_TAKEN; left !== 0; left &= left - 1) {
        const position = 31 - Math.clz32(left & -left);
        if (cells[at + 1 + position] !== slot) continue;
        cells[at] = marks & ~(1 << position);
        this.used--;
        if (fills && marks & CHAINED) this.fillHole(cells, at, position);
        return true;
      }
      if ((marks & CHAINED) === 0) return false;
      at = cells[at + LINK]!;
      cells = this.childCells;
    }
  }

  /** Moves the first key of the last bucket of the chain into a hole, and drops a last bucket not worth keeping. */
  private fillHole(cells: Int32Array, at: number, position: number): void {
    const { childCells } = this;
    let before = at;
    let beforeCells = cells;
    let last = cells[at + LINK];
    while (childCells[last] & CHAINED) {
      before = last;
      beforeCells = childCells;
      last = childCells[last + LINK]!;
    }
    const marks = childCells[last];
    if (marks !== 0) {
      const first = 31 - Math.clz32(marks & -marks);
      cells[at + 1 + position] = childCells[last + 1 + first]!;
      cells[at] |= 1 << position;
      childCells[last] = marks & ~(1 << first);
    }
    if (TAKEN[childCells[last]] <= 1) this.dropLast(beforeCells, before, last);
  }

  /** Frees the last bucket of a chain; a key that is left there takes the position of the link to it. */
  private dropLast(beforeCells: Int32Array, before: number, last: number): void {
    const marks = this.childCells[last];
    beforeCells[before] &= ~CHAINED;
    if (marks !== 0) {
      const first = 31 - Math.clz32(marks & -marks);
      beforeCells[before + LINK] = this.childCells[last + 1 + first]!;
      beforeCells[before] |= 1 << (POSITIONS - 1);
    }
    this.free(last);
  }

  /** Closes the holes that deletions without filling have left in a chain. */
  compact(bucket: number): void {
    const { childCells } = this;
    let cells = this.cells;
    let at = bucket << SHIFT;
    while (cells[at] & CHAINED) {
      const next = cells[at + LINK];
      const marks = childCells[next];
      if (marks === CHAINED) {
        cells[at + LINK] = childCells[next + LINK]!;
        this.free(next);
        continue;
      }
      if ((marks & CHAINED) === 0 && TAKEN[marks] <= 1) {
        this.dropLast(cells, at, next);
        return;
      }
      for (let position = 0; position < POSITIONS - 1; position++) {
        if (cells[at] & (1 << position)) continue;
        this.fillHole(cells, at, position);
        if ((cells[at] & CHAINED) === 0) return;
      }
      at = next;
      cells = childCells;
    }
  }

  /** Writes the keys of a chain to `out` from `count` on, in the order of their positions; returns the new count. */
  collect(bucket: number, out: number[], count: number): number {
    let cells = this.cells;
    let at = bucket << SHIFT;
    for (;;) {
      const marks = cells[at];
      for (let position = 0; position < POSITIONS; position++) {
        if (marks & (1 << position)) out[count++] = cells[at + 1 + position]!;
      }
      if ((marks & CHAINED) === 0) return count;
      at = cells[at + LINK]!;
      cells = this.childCells;
    }
  }

  /**
   * Shows the keys of a chain, in the order of their positions, to a sample that has seen `seen` keys so far and wants
   * `wanted`: later ones replace earlier ones with equal chance. Returns how many it has seen then.
   */
  sampleInto(
    out: Int32Array,
    seen: number,
    wanted: number,
    bucket: number,
    random: Random,
  ): number {
    let { cells } = this;
    let at = bucket << SHIFT;
    for (;;) {
      const marks = cells[at];
      for (let left = marks & ALL_TAKEN; left !== 0; left &= left - 1) {
        // The lowest position of those left.
        const slot = cells[at + 32 - Math.clz32(left & -left)];
        const place = seen < wanted ? seen : random.below(seen + 1);
        if (place < wanted) out[place] = slot;
        seen++;
      }
      if ((marks & CHAINED) === 0) return seen;
      at = cells[at + LINK]!;
      cells = this.childCells;
    }
  }

  /** Forgets the keys of a chain and frees its children. */
  clear(bucket: number): void {
    const { cells, childCells } = this;
    const at = bucket << SHIFT;
    let marks = cells[at];
    let next = cells[at + LINK];
    this.used -= TAKEN[marks];
    cells[at] = 0;
    while (marks & CHAINED) {
      marks = childCells[next]!;
      this.used -= TAKEN[marks];
      const after = childCells[next + LINK];
      this.free(next);
      next = after;
    }
  }

  /** What stands first in a bucket. */
  peek(bucket: number): number {
    return this.cells[bucket << SHIFT];
  }

  isEmptyAt(bucket: number): boolean {
    return this.cells[bucket << SHIFT] === 0;
  }

  private makeChild(): number {
    this.children++;
    this.account.used += this.childBytes;
    const reused = this.freeChild;
    if (reused >= 0) {
      this.freeChild = this.childCells[reused + LINK]!;
      return reused;
    }
    const at = this.childrenMade++ << SHIFT;
    if (at >= this.childCells.length) {
      const larger = new Int32Array(Math.max(16 << SHIFT, this.childCells.length * 2));
      larger.set(this.childCells);
      this.childCells = larger;
    }
    return at;
  }

  private free(child: number): void {
    this.children--;
    this.account.used -= this.childBytes;
    this.childCells[child] = 0;
    this.childCells[child + LINK] = this.freeChild;
    this.freeChild = child;
  }

  /** Throws InvariantError unless the counts are right and every key is where `bucketOf` says. O(n). */
  checkInvariants(bucketOf: (slot: number) => number, seen: Set<number>): void {
    let used = 0;
    let children = 0;
    const found: number[] = [];
    for (let bucket = 0; bucket < this.buckets; bucket++) {
      const count = this.collect(bucket, found, 0);
      used += count;
      for (let i = 0; i < count; i++) {
        const slot = found[i];
        if (bucketOf(slot) !== bucket) {
          throw new InvariantError(
            `slot ${slot} is in bucket ${bucket}, where its key does not hash to`,
          );
        }
        if (seen.has(slot)) throw new InvariantError(`slot ${slot} is in the table twice`);
        seen.add(slot);
      }
      let at = bucket << SHIFT;
      for (let cells = this.cells; cells[at] & CHAINED; cells = this.childCells) {
        children++;
        at = cells[at + LINK]!;
      }
    }
    if (used !== this.used || children !== this.children) {
      throw new InvariantError(
        `counted ${used} keys and ${children} child buckets, kept ${this.used} and ${this.children}`,
      );
    }
  }
}
