import { clockFields, clockWords } from './state';

/** The LRU clock has 24 bits of seconds, the one for LFU 16 of minutes. */
const LRU_SECONDS_MASK: i64 = 0xff_ffff;
const LFU_MINUTES_MASK: i64 = 0xffff;

/** Commands read the LRU clock anew, rather than as the timer left it. */
let exactLruClock = false;

export function setClockRules(isExact: bool): void {
  exactLruClock = isExact;
}

/** It is `ms`, unix time. */
export function setClock(ms: f64): void {
  store<f64>(clockFields, ms);
  if (exactLruClock) cacheLruClock(ms);
  store<i32>(clockWords, <i32>((<i64>Math.floor(ms / 60_000)) & LFU_MINUTES_MASK), 4);
}

/** What the timer does to the LRU clock. */
export function cacheLruClock(ms: f64): void {
  store<i32>(clockWords, <i32>((<i64>Math.floor(ms / 1000)) & LRU_SECONDS_MASK));
}
