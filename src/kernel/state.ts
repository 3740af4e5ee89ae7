/** What host and kernel both read and write: 64-bit numbers, if nothing else is said. */

/** The memory account: used, transient, limit, peak; bytes. */
export const accountFields = memory.data(4 * 8);
/** The clock: now, unix ms. */
export const clockFields = memory.data(8);
/** The rest of it, in words: the cached LRU clock, s; minutes for LFU; the row that is replayed. */
export const clockWords = memory.data(3 * 4);
/** Counters, in the order of EngineCounters. */
export const counterFields = memory.data(8 * 8);
/** Bytes of replies that wait, that fit into what there is for them, and the most that waited since the timer last looked. */
export const replyFields = memory.data(3 * 8);


@inline
export function nowMs(): f64 {
  return load<f64>(clockFields);
}


@inline
export function lruSeconds(): i32 {
  return load<i32>(clockWords);
}


@inline
export function lfuMinutes(): i32 {
  return load<i32>(clockWords, 4);
}


@inline
export function setRow(row: i32): void {
  store<i32>(clockWords, row, 8);
}

export const HITS: usize = 0;
export const MISSES: usize = 8;
export const EVICTED_KEYS: usize = 16;
export const EXPIRED_KEYS: usize = 24;
export const OOM_ERRORS: usize = 32;
export const STORED_VALUES: usize = 40;
export const OVERWRITTEN_VALUES: usize = 48;
export const DELETED_KEYS: usize = 56;


@inline
export function count(counter: usize, more: i32): void {
  store<f64>(counterFields + counter, load<f64>(counterFields + counter) + <f64>more);
}
