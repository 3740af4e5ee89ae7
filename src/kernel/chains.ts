import { at } from './memory';
import { below } from './random';
import { found } from './table';

// The chains of a chained dictionary: each key's reference to the next is in a column of links, that to the first in a bucket.

/**
 * In a reference to a key of a chain, which is its slot times two: its chain goes on. 0 refers to none. Most chains are
 * of one key, and their ends are seen without a look at the key's record, which is a cache miss when sampling.
 */
export const FOLLOWED = 1;

/** A reference to the key of `slot`, behind which its chain goes on as `rest` says. */
@inline
export function referenceTo(slot: i32, rest: i32): i32 {
  return (slot << 1) | (<i32>(rest !== 0));
}

/** Takes a key out of the chain that a bucket refers to; false if it isn't in it. */
export function unlink(bucket: usize, links: usize, slot: i32): bool {
  let reference = load<i32>(bucket);
  // Where the reference to the key in front is, and to the one before that: first in the bucket.
  let from = bucket;
  let before: usize = 0;
  while (reference >> 1 !== slot) {
    if ((reference & FOLLOWED) === 0) return false;
    before = from;
    from = at(links, reference >> 1);
    reference = load<i32>(from);
  }
  const rest = load<i32>(at(links, slot));
  store<i32>(from, rest);
  if (rest === 0 && before !== 0) store<i32>(before, load<i32>(before) & ~FOLLOWED);
  return true;
}

/**
 * Puts the keys of a chain into the sample in `found` that has seen `alreadySeen` so far; returns how many it has seen then.
 * Beyond `wanted` keys each further one replaces an earlier one at random if samples take `wholeChains`.
 */
export function sampleChain(
  head: i32,
  links: usize,
  wanted: i32,
  alreadySeen: i32,
  wholeChains: bool,
): i32 {
  let seen = alreadySeen;
  let reference = head;
  while (true) {
    if (seen < wanted) {
      store<i32>(at(found, seen), reference >> 1);
    } else {
      if (!wholeChains) return seen;
      const place = below(seen + 1);
      if (place < wanted) store<i32>(at(found, place), reference >> 1);
    }
    seen++;
    if ((reference & FOLLOWED) === 0) return seen;
    reference = load<i32>(at(links, reference >> 1));
  }
}

/** One of the keys of a chain of several, with equal chance. */
export function drawFromChain(head: i32, links: usize): i32 {
  let length = 1;
  for (let reference = head; reference & FOLLOWED; length++) {
    reference = load<i32>(at(links, reference >> 1));
  }
  let reference = head;
  for (let skip = below(length); skip > 0; skip--) {
    reference = load<i32>(at(links, reference >> 1));
  }
  return reference >> 1;
}

/** Appends the keys of a chain to the `alreadyFound` ones in `found`; returns how many there are then. */
export function collectChain(head: i32, links: usize, alreadyFound: i32): i32 {
  let count = alreadyFound;
  let reference = head;
  while (reference !== 0) {
    store<i32>(at(found, count++), reference >> 1);
    if ((reference & FOLLOWED) === 0) break;
    reference = load<i32>(at(links, reference >> 1));
  }
  return count;
}
