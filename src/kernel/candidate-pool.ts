import { at } from './memory';

const PLACES = 16;
/** Room for the pool to move through as candidates are added and taken at both ends, before it is moved back. */
const ROOM = 16 * PLACES;

/** What {@link takeBest} answers when no candidate is left. */
export const POOL_EMPTY = 0;

/**
 * The server's eviction pool: up to 16 sampled keys kept between evictions, in the order of their scores. A key may sit
 * in it several times, on the score it had when sampled, and may be gone by the time it is taken, or have come back.
 * Among equal scores the one that came first is taken first. Source: evict.c of every version; docs/model.md.
 *
 * The server remembers names. Here a resident key goes by its slot, which is found without a look at the key's record,
 * and one that has left by the complement of its id. The best candidate comes first: most newcomers are worse than what
 * is there, and cost one look at the last one.
 */
const keys = memory.data((ROOM + PLACES) * 4);
const scores = memory.data(ROOM * 8);
/** The pool is at `[first, end)`. */
let first = 0;
let end = 0;

export function emptyPool(): void {
  first = 0;
  end = 0;
}


@inline
function scoreAt(place: i32): usize {
  return scores + ((<usize>place) << 3);
}

/** Offers the key of `slot`, which is resident; whether it is good enough for the pool. */
export function offer(slot: i32, score: f64): bool {
  if (!isWelcome(score)) return false;
  add(slot, score);
  return true;
}

/** Whether a candidate of that score is good enough for the pool. */
@inline
export function isWelcome(score: f64): bool {
  return end - first < PLACES || score > load<f64>(scoreAt(end - 1));
}

/** Puts a key that is welcome into the pool; the worst goes for it when there is no place left. */
export function add(slot: i32, score: f64): void {
  if (end - first === PLACES) end--;
  if (first === 0 || end === ROOM) centre();
  const middle = (first + end) >> 1;
  let place: i32;
  // The shorter part makes room: those before its place, or those behind it.
  if (first < end && load<f64>(scoreAt(middle)) < score) {
    place = first - 1;
    first = place;
    for (; load<f64>(scoreAt(place + 1)) >= score; place++) move(place + 1, place);
  } else {
    place = end;
    end = place + 1;
    for (; place > first && load<f64>(scoreAt(place - 1)) < score; place--) move(place - 1, place);
  }
  store<i32>(at(keys, place), slot);
  store<f64>(scoreAt(place), score);
}


@inline
function move(from: i32, to: i32): void {
  store<i32>(at(keys, to), load<i32>(at(keys, from)));
  store<f64>(scoreAt(to), load<f64>(scoreAt(from)));
}

function centre(): void {
  const start = (ROOM - PLACES) / 2;
  memory.copy(at(keys, start), at(keys, first), (<usize>(end - first)) << 2);
  memory.copy(scoreAt(start), scoreAt(first), (<usize>(end - first)) << 3);
  end = start + end - first;
  first = start;
}

/** The key of `slot`, `id`, is about to leave; the slot may be another's afterwards. */
export function forget(slot: i32, id: i32): void {
  // All places at once: mostly none of them has it.
  const wanted = i32x4.splat(slot);
  const from = at(keys, first);
  const found = v128.or(
    v128.or(i32x4.eq(v128.load(from), wanted), i32x4.eq(v128.load(from, 16), wanted)),
    v128.or(i32x4.eq(v128.load(from, 32), wanted), i32x4.eq(v128.load(from, 48), wanted)),
  );
  if (v128.any_true(found)) replace(slot, ~id);
}

function replace(key: i32, by: i32): void {
  for (let place = first; place < end; place++) {
    if (load<i32>(at(keys, place)) === key) store<i32>(at(keys, place), by);
  }
}

/** The candidate that is taken after `taken` others, if none is offered meanwhile; POOL_EMPTY if there are not as many. */
export function keyAfter(taken: i32): i32 {
  const place = first + taken;
  return place < end ? load<i32>(at(keys, place)) : POOL_EMPTY;
}

/** Takes the best candidate out: its slot, or the complement of its id if it has left since; whoever left may be back. */
export function takeBest(): i32 {
  if (first === end) return POOL_EMPTY;
  return load<i32>(at(keys, first++));
}
