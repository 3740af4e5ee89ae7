import { allocate } from './memory';

/**
 * All resident keys in the order in which they were last touched: a ring of slots through slot 0, which is no key's. Its
 * two links lie side by side, so that moving a key costs one cache line per neighbour.
 */
let links: usize = 0;

const OLDER: usize = 0;
const YOUNGER: usize = 4;

/** Room for slots up to `keyCount`; returns where the links are, towards the older and the younger neighbour. */
export function allocateRecency(keyCount: i32): usize {
  links = allocate((<usize>keyCount + 1) << 3);
  return links;
}


@inline
function linksOf(slot: i32): usize {
  return links + ((<usize>slot) << 3);
}

/** Puts a key in that is in no place. */
export function putFirst(slot: i32): void {
  const youngest = load<i32>(links, OLDER);
  const own = linksOf(slot);
  store<i32>(own, youngest, OLDER);
  store<i32>(own, 0, YOUNGER);
  store<i32>(linksOf(youngest), slot, YOUNGER);
  store<i32>(links, slot, OLDER);
}

export function takeOut(slot: i32): void {
  const own = linksOf(slot);
  const older = load<i32>(own, OLDER);
  const younger = load<i32>(own, YOUNGER);
  store<i32>(linksOf(older), younger, YOUNGER);
  store<i32>(linksOf(younger), older, OLDER);
}

export function moveFirst(slot: i32): void {
  takeOut(slot);
  putFirst(slot);
}

/** The key touched longest ago; 0 if there is none. */
export function oldest(): i32 {
  return load<i32>(links, YOUNGER);
}
