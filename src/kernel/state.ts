/** What host and kernel both read and write, as 64-bit numbers: their places are in src/keyspace/kernel-fields.ts. */

/** The memory account: used, transient, limit, peak; bytes. */
export const accountFields = memory.data(4 * 8);
/** The clock: now, unix ms; the cached LRU clock, s; minutes for LFU; the row that is replayed. */
export const clockFields = memory.data(4 * 8);
/** Counters, in the order of EngineCounters. */
export const counterFields = memory.data(8 * 8);
/** Bytes of replies that wait, and that fit into what there is for them. */
export const replyFields = memory.data(2 * 8);


@inline
export function nowMs(): f64 {
  return load<f64>(clockFields);
}


@inline
export function lruSeconds(): i32 {
  return <i32>load<f64>(clockFields, 8);
}


@inline
export function lfuMinutes(): i32 {
  return <i32>load<f64>(clockFields, 16);
}


@inline
export function setRow(row: i32): void {
  store<f64>(clockFields, <f64>row, 24);
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
