import { ACCESS_MASK } from '../keyspace/key-flags';
import { allocate, at } from './memory';
import { float } from './random';
import { meta } from './records';
import { lfuMinutes } from './state';

/** An 8-bit logarithmic counter (low bits) and the minute it was last decayed (next 16 bits). */
const LFU_INITIAL = 5;
const LFU_MAX = 255;
const MINUTES_MASK = 0xffff;

let decayTime = 0;
/** Scoring a key stores its decayed counter. */
let scoringStores = false;
/** By counter below LFU_MAX, the chance that a hit raises it. */
let chances: usize = 0;

/** Returns where the host puts the chances, 255 of 64 bits. */
export function setFrequencies(minutesPerDecay: i32, scoringStoresAccess: bool): usize {
  decayTime = minutesPerDecay;
  scoringStores = scoringStoresAccess;
  chances = allocate(LFU_MAX * 8);
  return chances;
}

export function countAccess(slot: i32): void {
  let counter = decayed(slot);
  if (counter < LFU_MAX) {
    const chance = load<f64>(chances + ((<usize>counter) << 3));
    if (chance === 1 || float() < chance) counter++;
  }
  keep(slot, counter);
}

export function countFirst(slot: i32): void {
  keep(slot, LFU_INITIAL);
}

export function disuse(slot: i32): f64 {
  const counter = decayed(slot);
  if (scoringStores) keep(slot, counter);
  return <f64>(LFU_MAX - counter);
}

/** A key's counter as it is by now: one less per full decay period without access, never below 0. */
@inline
function decayed(slot: i32): i32 {
  const access = load<i32>(at(meta, slot)) & ACCESS_MASK;
  const counter = access & LFU_MAX;
  const now = lfuMinutes();
  const then = access >>> 8;
  // One minute short after a wrap of the 16 bits, as the server is.
  const elapsed = now >= then ? now - then : MINUTES_MASK - then + now;
  if (elapsed < decayTime || decayTime === 0) return counter;
  return max(0, counter - elapsed / decayTime);
}


@inline
function keep(slot: i32, counter: i32): void {
  const flags = at(meta, slot);
  store<i32>(flags, (load<i32>(flags) & ~ACCESS_MASK) | (lfuMinutes() << 8) | counter);
}
