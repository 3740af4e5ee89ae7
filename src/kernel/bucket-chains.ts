/**
 * The buckets of a bucket table, with the child buckets that hang off the full ones. Which position a key gets, and
 * which key fills the hole of a deleted one, is what servers do: both decide the order keys are seen in.
 *
 * A bucket is eight words here: its marks, then its positions. Its address stands for the chain that begins with it.
 * The table counts keys and children, and pays for them.
 */

import { allocate, at } from './memory';
import { below } from './random';
import { found } from './table';

export const BUCKET_BYTES: f64 = 64;
/** Keys a bucket has room for. */
export const POSITIONS = 7;
/** Binary logarithm of the bytes that a bucket takes here. */
const BUCKET_SHIFT: usize = 5;
/** Where the first position is, and the last, which may have the address of a child. */
const FIRST: usize = 4;
const LINK: usize = 28;
/** Marks: a bit per position that is taken, and one for a bucket whose last position leads to a child. */
const ALL_TAKEN = 0x7f;
const CHAINED = 0x80;
const CHAINED_FULL = CHAINED | 0x3f;

/** Words behind a sample that {@link sampleChain} may write to: it has room for one key more itself. */
export const SPARE = POSITIONS - 1;
/** What {@link removeFromChain} answers when the key is not there. */
export const ABSENT = -1;

/** Child buckets of all tables are blocks cut from slabs; the free ones are linked through their first word. */
const SLAB_BYTES: usize = 4096;
let freeBlock: usize = 0;

export function forgetBlocks(): void {
  freeBlock = 0;
}

function takeBlock(): usize {
  if (freeBlock === 0) cutSlab();
  const block = freeBlock;
  freeBlock = load<usize>(block);
  return block;
}

function cutSlab(): void {
  const slab = allocate(SLAB_BYTES);
  for (let offset = SLAB_BYTES; offset > 0;) {
    offset -= 1 << BUCKET_SHIFT;
    giveBlockBack(slab + offset);
  }
}

function giveBlockBack(block: usize): void {
  store<usize>(block, freeBlock);
  freeBlock = block;
}

/** Bytes that an array takes here, which is not what servers take. */
@inline
export function cellBytes(buckets: i32): usize {
  return (<usize>buckets) << BUCKET_SHIFT;
}


@inline
export function chainAt(array: usize, bucket: i32): usize {
  return array + ((<usize>bucket) << BUCKET_SHIFT);
}

/** Puts a key into the lowest free position of the first bucket of the chain that has one; whether it took a child. */
export function insertIntoChain(chain: usize, slot: i32): bool {
  let tookChild = false;
  let bucket = chain;
  while (true) {
    const marks = load<i32>(bucket);
    if (marks === ALL_TAKEN) {
      // The last position becomes the way to a child, which takes over the key there.
      const child = takeBlock();
      store<i32>(child, 1);
      store<i32>(child, load<i32>(bucket, LINK), FIRST);
      store<i32>(bucket, CHAINED_FULL);
      store<usize>(bucket, child, LINK);
      tookChild = true;
    } else if (marks !== CHAINED_FULL) {
      const position = ctz(~marks);
      store<i32>(bucket, marks | (1 << position));
      store<i32>(at(bucket, position), slot, FIRST);
      return tookChild;
    }
    bucket = load<usize>(bucket, LINK);
  }
}

/**
 * Takes a key out of its chain: how many children that freed, or ABSENT if it isn't in it. `fills`: a hole before the
 * last bucket is filled at once.
 */
export function removeFromChain(chain: usize, slot: i32, fills: bool): i32 {
  let bucket = chain;
  while (true) {
    const marks = load<i32>(bucket);
    const mark = markOf(bucket, slot) & marks;
    if (mark !== 0) {
      store<i32>(bucket, marks & ~mark);
      return fills && (marks & CHAINED) !== 0 ? fillHole(bucket, ctz(mark)) : 0;
    }
    if ((marks & CHAINED) === 0) return ABSENT;
    bucket = load<usize>(bucket, LINK);
  }
}

/**
 * The marks of the positions that have a word: the key's own, and any that have it left over from before, or a child
 * there. Looking at all of them takes no branch, of which one per position would be hard to foresee.
 */
@inline
function markOf(bucket: usize, word: i32): i32 {
  return (
    (<i32>(load<i32>(bucket, FIRST) === word)) |
    ((<i32>(load<i32>(bucket, FIRST + 4) === word)) << 1) |
    ((<i32>(load<i32>(bucket, FIRST + 8) === word)) << 2) |
    ((<i32>(load<i32>(bucket, FIRST + 12) === word)) << 3) |
    ((<i32>(load<i32>(bucket, FIRST + 16) === word)) << 4) |
    ((<i32>(load<i32>(bucket, FIRST + 20) === word)) << 5) |
    ((<i32>(load<i32>(bucket, LINK) === word)) << 6)
  );
}

/**
 * Moves the first key of the last bucket of the chain into a hole, and drops a last bucket not worth keeping; returns
 * how many children that freed.
 */
function fillHole(bucket: usize, position: i32): i32 {
  let before = bucket;
  let last = load<usize>(bucket, LINK);
  let marks = load<i32>(last);
  while (marks & CHAINED) {
    before = last;
    last = load<usize>(last, LINK);
    marks = load<i32>(last);
  }
  if (marks !== 0) {
    store<i32>(at(bucket, position), load<i32>(at(last, ctz(marks)), FIRST), FIRST);
    store<i32>(bucket, load<i32>(bucket) | (1 << position));
    marks &= marks - 1;
    store<i32>(last, marks);
  }
  if (popcnt(marks) > 1) return 0;
  dropLast(before, last);
  return 1;
}

/** Frees the last bucket of a chain; a key that is left there takes the position of the link to it. */
function dropLast(before: usize, last: usize): void {
  const marks = load<i32>(last);
  let marksBefore = load<i32>(before) & ~CHAINED;
  if (marks !== 0) {
    store<i32>(before, load<i32>(at(last, ctz(marks)), FIRST), LINK);
    marksBefore |= 1 << (POSITIONS - 1);
  }
  store<i32>(before, marksBefore);
  giveBlockBack(last);
}

/** Closes the holes that deletions without filling have left in a chain; returns how many children that freed. */
export function compactChain(chain: usize): i32 {
  let freed = 0;
  let bucket = chain;
  while (load<i32>(bucket) & CHAINED) {
    const next = load<usize>(bucket, LINK);
    const marks = load<i32>(next);
    if (marks === CHAINED) {
      store<usize>(bucket, load<usize>(next, LINK), LINK);
      giveBlockBack(next);
      freed++;
      continue;
    }
    if ((marks & CHAINED) === 0 && popcnt(marks) <= 1) {
      dropLast(bucket, next);
      return freed + 1;
    }
    for (let position = 0; position < POSITIONS - 1; position++) {
      if (load<i32>(bucket) & (1 << position)) continue;
      freed += fillHole(bucket, position);
      if ((load<i32>(bucket) & CHAINED) === 0) return freed;
    }
    bucket = next;
  }
  return freed;
}

/** Writes the keys of a chain to `out` from `alreadyFound` on in the order of their positions; returns how many then. */
export function collectChain(chain: usize, out: usize, alreadyFound: i32): i32 {
  let count = alreadyFound;
  let bucket = chain;
  while (true) {
    const marks = load<i32>(bucket);
    for (let left = marks & ALL_TAKEN; left !== 0; left &= left - 1) {
      store<i32>(at(out, count++), load<i32>(at(bucket, ctz(left)), FIRST));
    }
    if ((marks & CHAINED) === 0) return count;
    bucket = load<usize>(bucket, LINK);
  }
}

/** Forgets the keys of a chain and frees its children; returns how many those were. */
export function clearChain(chain: usize): i32 {
  let freed = 0;
  let marks = load<i32>(chain);
  let next = load<usize>(chain, LINK);
  store<i32>(chain, 0);
  for (; marks & CHAINED; freed++) {
    marks = load<i32>(next);
    const after = load<usize>(next, LINK);
    giveBlockBack(next);
    next = after;
  }
  return freed;
}

/**
 * Shows the keys of a chain, in the order of their positions, to the sample in `found` that has seen `alreadySeen` keys
 * so far and wants `wanted`: later ones replace earlier ones with equal chance. Returns how many it has seen then.
 *
 * `hasRoom`: SPARE words behind the sample in `found` may be written to.
 */
export function sampleChain(chain: usize, alreadySeen: i32, wanted: i32, hasRoom: bool): i32 {
  const out = found;
  let seen = alreadySeen;
  let bucket = chain;
  while (true) {
    const marks = load<i32>(bucket);
    if (hasRoom && seen < wanted) {
      // All positions are copied, and each is written over by the next if it had no key: no branches that depend on
      // which positions are taken. What is too much for the sample is drawn for where it has been copied to.
      copyTaken(bucket, marks, at(out, seen));
      const end = seen + popcnt(marks & ALL_TAKEN);
      for (seen = min(end, wanted); seen < end; seen++) {
        replace(out, seen, wanted, load<i32>(at(out, seen)));
      }
    } else {
      for (let left = marks & ALL_TAKEN; left !== 0; left &= left - 1) {
        const slot = load<i32>(at(bucket, ctz(left)), FIRST);
        if (seen < wanted) store<i32>(at(out, seen), slot);
        else replace(out, seen, wanted, slot);
        seen++;
      }
    }
    if ((marks & CHAINED) === 0) return seen;
    bucket = load<usize>(bucket, LINK);
  }
}

/** A key after the first `wanted` ones replaces one of them, or none: then it goes where nobody looks, behind them. */
@inline
function replace(sample: usize, seen: i32, wanted: i32, slot: i32): void {
  store<i32>(at(sample, min(below(seen + 1), wanted)), slot);
}

/** Writes the words of the positions that are taken to `out`, one behind the other, and up to seven words in all. */
@inline
function copyTaken(bucket: usize, marks: i32, out: usize): void {
  let to = out;
  store<i32>(to, load<i32>(bucket, FIRST));
  to += (marks & 1) << 2;
  store<i32>(to, load<i32>(bucket, FIRST + 4));
  to += (marks & 2) << 1;
  store<i32>(to, load<i32>(bucket, FIRST + 8));
  to += marks & 4;
  store<i32>(to, load<i32>(bucket, FIRST + 12));
  to += (marks & 8) >> 1;
  store<i32>(to, load<i32>(bucket, FIRST + 16));
  to += (marks & 16) >> 2;
  store<i32>(to, load<i32>(bucket, FIRST + 20));
  to += (marks & 32) >> 3;
  store<i32>(to, load<i32>(bucket, LINK));
}
