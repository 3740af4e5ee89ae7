import { collectChain, drawFromChain, FOLLOWED, sampleChain } from './chains';
import { at } from './memory';
import { below, int32 } from './random';
import { found, nextScanCursor, Table } from './table';

// What a chained dictionary shows of its keys to those who ask for some: in `found`, in the order the server offers them.

/** Sampling visits at most so many buckets per key it wants, and starts elsewhere after a run of empty ones. */
const VISITS_PER_WANTED_KEY = 10;
const LONGEST_EMPTY_RUN = 4;

/** Of a dictionary at rest; wholeChains: see {@link sampleChain}. */
export function sampleAtRest(dict: Table, links: usize, wholeChains: bool, wanted: i32): i32 {
  const heads = dict.array0;
  const mask = dict.buckets0 - 1;
  const longestRun = max(wanted, LONGEST_EMPTY_RUN);
  let index = int32() & mask;
  let emptyRun = 0;
  let stored = 0;
  for (let visits = wanted * VISITS_PER_WANTED_KEY; stored < wanted && visits > 0; visits--) {
    const reference = load<i32>(at(heads, index));
    if (reference & FOLLOWED) {
      emptyRun = 0;
      stored = sampleChain(reference, links, wanted, stored, wholeChains);
    } else {
      // A key or none is nobody's guess: taken in either case, and counted if it is a key.
      const isKey = <i32>(reference !== 0);
      store<i32>(at(found, stored), reference >> 1);
      stored += isKey;
      emptyRun = (emptyRun + 1) & (isKey - 1);
      if (emptyRun > longestRun) {
        index = int32() & mask;
        emptyRun = 0;
      }
    }
    index = (index + 1) & mask;
  }
  return min(stored, wanted);
}

/** Of both arrays of a rehash that has moved the buckets of the first one below `rehashIndex`. */
export function sampleBoth(dict: Table, links: usize, wholeChains: bool, wanted: i32): i32 {
  const mask = max(dict.buckets0, dict.buckets1) - 1;
  const longestRun = max(wanted, LONGEST_EMPTY_RUN);
  let index = int32() & mask;
  let emptyRun = 0;
  let stored = 0;
  for (let visits = wanted * VISITS_PER_WANTED_KEY; stored < wanted && visits > 0; visits--) {
    for (let array = 0; array < 2 && stored < wanted; array++) {
      if (array === 0 && index < dict.rehashIndex) {
        // Nothing is left there. Where array 1 has no such bucket either, go on at the first unmoved one.
        if (index < dict.buckets1) continue;
        index = dict.rehashIndex;
      }
      if (index >= (array === 0 ? dict.buckets0 : dict.buckets1)) continue;
      const reference = load<i32>(at(array === 0 ? dict.array0 : dict.array1, index));
      if (reference !== 0) {
        emptyRun = 0;
        stored = sampleChain(reference, links, wanted, stored, wholeChains);
      } else if (++emptyRun > longestRun) {
        index = int32() & mask;
        emptyRun = 0;
      }
    }
    index = (index + 1) & mask;
  }
  return min(stored, wanted);
}

/** Uniform over non-empty buckets, then over the chain: a key alone in its bucket is drawn more often. */
export function drawKey(dict: Table, links: usize): i32 {
  let head = 0;
  if (dict.rehashIndex < 0) {
    const heads = dict.array0;
    const mask = dict.buckets0 - 1;
    do head = load<i32>(at(heads, int32() & mask));
    while (head === 0);
  }
  while (head === 0) {
    const bucket = dict.rehashIndex + below(dict.buckets0 + dict.buckets1 - dict.rehashIndex);
    head =
      bucket < dict.buckets0
        ? load<i32>(at(dict.array0, bucket))
        : load<i32>(at(dict.array1, bucket - dict.buckets0));
  }
  return head & FOLLOWED ? drawFromChain(head, links) : head >> 1;
}

/** Writes the keys at cursor position `cursor` to `found`, of both arrays during a rehash; returns how many. */
export function collectBoth(dict: Table, links: usize, cursor: i32): i32 {
  const count = collect(dict.array0, dict.buckets0, links, cursor, 0);
  return dict.rehashIndex < 0 ? count : collect(dict.array1, dict.buckets1, links, cursor, count);
}

/**
 * Writes the keys at scan cursor `cursor` to `found`; returns how many. During a rehash, those of the smaller array, and then of
 * all buckets of the larger one whose keys share that one in the smaller.
 */
export function scanAt(dict: Table, links: usize, cursor: i32): i32 {
  if (dict.rehashIndex < 0) return collect(dict.array0, dict.buckets0, links, cursor, 0);
  const firstIsLarger = dict.buckets0 > dict.buckets1;
  const smallBuckets = firstIsLarger ? dict.buckets1 : dict.buckets0;
  const largeBuckets = firstIsLarger ? dict.buckets0 : dict.buckets1;
  const small = firstIsLarger ? dict.array1 : dict.array0;
  const large = firstIsLarger ? dict.array0 : dict.array1;
  let count = collect(small, smallBuckets, links, cursor, 0);
  let next = cursor;
  do {
    count = collect(large, largeBuckets, links, next, count);
    next = nextScanCursor(next, largeBuckets - 1);
  } while (next & (largeBuckets - 1) & ~(smallBuckets - 1));
  return count;
}

function collect(heads: usize, buckets: i32, links: usize, cursor: i32, alreadyFound: i32): i32 {
  if (buckets === 0) return alreadyFound;
  return collectChain(load<i32>(at(heads, cursor & (buckets - 1))), links, alreadyFound);
}
