import { NO_SLOT, POOLED, RESIDENT, VOLATILE } from '../keyspace/key-flags';
import { countAccess, countFirst, disuse } from './access-frequency';
import { add, isWelcome } from './candidate-pool';
import {
  hostChooseVictim,
  hostHasVictims,
  hostOnHit,
  hostOnHits,
  hostOnInsert,
  hostOnModify,
  hostOnRemove,
  hostOnScored,
} from './host';
import { idleSeconds, stampTime } from './idle-time';
import { expires, lookUpSample, main, takeCandidate } from './keyspace';
import { at } from './memory';
import { moveFirst, oldest, putFirst, takeOut } from './recency';
import { expiresAtMs, meta } from './records';
import { setRow } from './state';
import { found, Table } from './table';
import { randomKey, sample } from './tables';

/** What {@link chooseVictim} answers when it has no candidate. */
export const NO_VICTIM = -1;

/** How a policy orders keys, by the numbers that src/policies/kernel-policy.ts has for them. */
const NONE = 0;
const RANDOM = 1;
const IDLE_TIME = 2;
const ACCESS_FREQUENCY = 3;
const TIME_TO_LIVE = 4;
const MODIFICATION_TIME = 5;
const RECENCY = 6;

let order = NONE;
let volatileOnly = false;
let samples = 0;
/** Scoring looks the sampled key up again in the main table, which may move a rehash along there. */
let looksUpMain = false;
/** A sample without a single key is taken for a lack of candidates, whatever the pool holds. */
let givesUpOnEmptySample = false;
let tellsOfScores = false;
/** The policy is the host's, which may have the one of the kernel do the work. */
let isHosts = false;

export function setPolicy(
  newOrder: i32,
  newVolatileOnly: bool,
  newSamples: i32,
  newLooksUpMain: bool,
  newGivesUpOnEmptySample: bool,
  newTellsOfScores: bool,
): void {
  order = newOrder;
  volatileOnly = newVolatileOnly;
  samples = newSamples;
  looksUpMain = newLooksUpMain;
  givesUpOnEmptySample = newGivesUpOnEmptySample;
  tellsOfScores = newTellsOfScores;
  isHosts = false;
}

/** Until somebody sets one, nothing is evicted. */
export function unsetPolicy(): void {
  setPolicy(NONE, false, 0, false, false, false);
}

export function useHostsPolicy(): void {
  isHosts = true;
}

// What the engine tells and asks its policy.

@inline
export function onHit(slot: i32): void {
  if (isHosts) hostOnHit(slot);
  else hit(slot);
}

/** The first `count` of the slots at `hitSlots` were looked up; `slots` are those of the rows from `firstRow` on, misses included. */
export function onHits(hitSlots: usize, count: i32, slots: usize, firstRow: i32, rows: i32): void {
  if (!isHosts) {
    hits(hitSlots, count);
    return;
  }
  if (hostOnHits(count)) return;
  for (let i = 0; i < rows; i++) {
    const slot = load<i32>(at(slots, i));
    if (slot === NO_SLOT) continue;
    setRow(firstRow + i);
    hostOnHit(slot);
  }
}


@inline
export function onInsert(slot: i32): void {
  if (isHosts) hostOnInsert(slot);
  else insertion(slot);
}


@inline
export function onModify(slot: i32): void {
  if (isHosts) hostOnModify(slot);
  else modification(slot);
}


@inline
export function onRemove(slot: i32, reason: i32): void {
  if (isHosts) hostOnRemove(slot, reason);
  else removal(slot);
}

/** The slot of a resident key, or NO_VICTIM. */
@inline
export function chooseVictim(): i32 {
  return isHosts ? hostChooseVictim() : victim();
}

/** Whether there is any key to choose from, now. */
export function hasVictims(): bool {
  return isHosts ? hostHasVictims() : hasCandidates();
}

// What the kernel's own policy does: also for a policy of the host's that leaves it the work.

export function hit(slot: i32): void {
  if (order === IDLE_TIME) stampTime(slot);
  else if (order === ACCESS_FREQUENCY) countAccess(slot);
  else if (order === RECENCY) moveFirst(slot);
}

function hits(slots: usize, count: i32): void {
  if (order === IDLE_TIME) {
    for (let i = 0; i < count; i++) stampTime(load<i32>(at(slots, i)));
  } else if (order === ACCESS_FREQUENCY) {
    for (let i = 0; i < count; i++) countAccess(load<i32>(at(slots, i)));
  } else if (order === RECENCY) {
    for (let i = 0; i < count; i++) moveFirst(load<i32>(at(slots, i)));
  }
}

export function insertion(slot: i32): void {
  if (order === IDLE_TIME || order === MODIFICATION_TIME) stampTime(slot);
  else if (order === ACCESS_FREQUENCY) countFirst(slot);
  else if (order === RECENCY) putFirst(slot);
}

/** The pool of the sampled orders hears of it from the keyspace. */
export function removal(slot: i32): void {
  if (order === RECENCY) takeOut(slot);
}

export function modification(slot: i32): void {
  if (order === MODIFICATION_TIME) stampTime(slot);
}


@inline
function candidates(): Table {
  return volatileOnly ? expires : main;
}

export function hasCandidates(): bool {
  return order !== NONE && candidates().size > 0;
}

export function victim(): i32 {
  if (order === NONE) return NO_VICTIM;
  const table = candidates();
  if (order === RECENCY) return oldest() === NO_SLOT ? NO_VICTIM : oldest();
  if (order === RANDOM) return table.size === 0 ? NO_VICTIM : randomKey(table);
  let slot = NO_SLOT;
  while (slot === NO_SLOT) slot = tryOnce(table);
  return slot;
}

/**
 * The server's approximate eviction: samples `maxmemory-samples` keys from its table, offers them to the pool and takes
 * the best that still exists, if any; NO_SLOT when there is none but may be the next time.
 */
function tryOnce(table: Table): i32 {
  if (table.size === 0) return NO_VICTIM;
  const count = sample(table, samples);
  if (count === 0 && givesUpOnEmptySample) return NO_VICTIM;
  if (looksUpMain && main.rehashIndex >= 0) lookUpSample(count);
  offerSample(count);
  if (tellsOfScores) hostOnScored(count);
  return takeCandidate(table, volatileOnly ? VOLATILE : RESIDENT);
}

/** Offers the first `count` keys of a sample to the pool, with their scores: the higher, the sooner they go. */
function offerSample(count: i32): void {
  if (order === ACCESS_FREQUENCY) {
    for (let i = 0; i < count; i++) {
      const slot = load<i32>(at(found, i));
      offerKey(slot, disuse(slot));
    }
  } else if (order === TIME_TO_LIVE) {
    for (let i = 0; i < count; i++) {
      const slot = load<i32>(at(found, i));
      offerKey(slot, -load<f64>(expiresAtMs + ((<usize>slot) << 3)));
    }
  } else {
    for (let i = 0; i < count; i++) {
      const slot = load<i32>(at(found, i));
      offerKey(slot, idleSeconds(slot));
    }
  }
}


@inline
function offerKey(slot: i32, score: f64): void {
  if (isWelcome(score)) {
    add(slot, score);
    store<i32>(at(meta, slot), load<i32>(at(meta, slot)) | POOLED);
  }
}
