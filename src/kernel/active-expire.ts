import { expireKey } from './database';
import { expires } from './keyspace';
import { at } from './memory';
import { expiresAtMs } from './records';
import { nowMs } from './state';
import { found } from './table';
import { collectAt, cursorAfter, endScan, randomKey, scan } from './tables';

/**
 * The background job that deletes expired keys nobody asks for. It samples; so a share of stale keys below about ten
 * percent stays in memory, competing with live ones. Source: expire.c, activeExpireCycle; docs/model.md (expiry).
 */

const BUCKETS_PER_WANTED_KEY = 20;
/** The clock is looked at once per this many loops. */
const LOOPS_PER_TIME_CHECK = 16;
/** Below this fill of the expires table, in percent, sampling it is not worth the time. */
const MIN_FILL_PERCENT: i64 = 1;
const SMALLEST_TABLE = 4;

/** How keys are looked for, by the numbers that src/engine/active-expire.ts has for it. */
const RANDOM = 0;
const LINEAR = 1;
const SCAN_ONE_ROUND = 3;

let visiting = RANDOM;
let keysPerLoop = 0;
let acceptableStalePercent: f64 = 0;
/** Server time that a look at a key and its deletion take. */
let sampleUs: f64 = 0;
let deleteUs: f64 = 0;
/** Rounds through the table, of which every `roundsToEnd`-th ends its cycle. */
let roundsToEnd: f64 = 1;
let rounds: f64 = 0;
let cursor = 0;
/** What the last loop came to. */
let sampled = 0;
let expired = 0;
let roundIsOver = false;

export function setActiveExpire(
  newVisiting: i32,
  newKeysPerLoop: i32,
  newAcceptableStalePercent: f64,
  newSampleUs: f64,
  newDeleteUs: f64,
  newRoundsToEnd: f64,
): void {
  visiting = newVisiting;
  keysPerLoop = newKeysPerLoop;
  acceptableStalePercent = newAcceptableStalePercent;
  sampleUs = newSampleUs;
  deleteUs = newDeleteUs;
  roundsToEnd = newRoundsToEnd;
  rounds = 0;
  cursor = 0;
}

/** A cycle; true if it ran out of its time before it was done. */
export function expireCycle(budgetUs: f64): bool {
  let elapsedUs: f64 = 0;
  let loop = 0;
  while (true) {
    loop++;
    const size = expires.size;
    if (size === 0) return false;
    const positions = <i64>expires.buckets0 + <i64>expires.buckets1;
    if (positions > SMALLEST_TABLE && (<i64>size * 100) / positions < MIN_FILL_PERCENT)
      return false;
    visit(min(size, keysPerLoop));
    elapsedUs += <f64>sampled * sampleUs + <f64>expired * deleteUs;
    if (loop % LOOPS_PER_TIME_CHECK === 0 && elapsedUs > budgetUs) return true;
    if (roundIsOver) return false;
    if (sampled > 0 && <f64>((<i64>expired * 100) / <i64>sampled) <= acceptableStalePercent) {
      return false;
    }
  }
}

/** One loop: looks at `wanted` keys or a few more, or fewer where too many buckets are empty. */
function visit(wanted: i32): void {
  sampled = 0;
  expired = 0;
  roundIsOver = false;
  if (visiting === RANDOM) visitRandomKeys(wanted);
  else if (visiting === LINEAR) visitInOrder(wanted);
  else visitByScan(wanted);
}

/** Keys drawn one by one; one that lives may be drawn again. */
function visitRandomKeys(wanted: i32): void {
  for (let drawn = 0; drawn < wanted && expires.size > 0; drawn++) {
    expireIfDue(randomKey(expires));
    sampled++;
  }
}

/** Bucket after bucket by number. */
function visitInOrder(wanted: i32): void {
  for (let buckets = 0; sampled < wanted && buckets < wanted * BUCKETS_PER_WANTED_KEY;) {
    const count = collectAt(expires, cursor);
    buckets += expires.rehashIndex < 0 ? 1 : 2;
    expireFound(count);
    cursor++;
  }
}

/** Buckets in the order of a scan, which meets every key once a round even while the table is resized. */
function visitByScan(wanted: i32): void {
  for (let steps = 0; sampled < wanted && steps < wanted * BUCKETS_PER_WANTED_KEY; steps++) {
    if (expires.size === 0) {
      cursor = 0;
    } else {
      // The cursor moves first: deleting may resize the table, and the scan copes with that.
      const next = cursorAfter(expires, cursor);
      expireFound(scan(expires, cursor));
      cursor = next;
      endScan(expires);
    }
    if (cursor === 0 && visiting === SCAN_ONE_ROUND) {
      rounds++;
      roundIsOver = rounds % roundsToEnd === 0;
      if (roundIsOver) return;
    }
  }
}

/** Deletes those of the first `count` keys of `found` whose time is over: nothing that deletes a key finds others. */
function expireFound(count: i32): void {
  for (let i = 0; i < count; i++) expireIfDue(load<i32>(at(found, i)));
  sampled += count;
}


@inline
function expireIfDue(slot: i32): void {
  if (nowMs() > load<f64>(expiresAtMs + ((<usize>slot) << 3))) {
    expireKey(slot);
    expired++;
  }
}
