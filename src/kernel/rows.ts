import { allocate, at } from './memory';

// The rows of the trace that the host has put here (src/engine/trace-rows.ts).

/** TTLs are packed as in src/trace/ttl.ts. */
const NO_TTL: u32 = 0xffff_ffff;
const SECONDS_FLAG: u32 = 0x8000_0000;

let ops: usize = 0;
let keys: usize = 0;
let valueBytes: usize = 0;
let ttls: usize = 0;
let times: usize = 0;
let tickMs: f64 = 1;
/** How many rows of the trace are before those here. */
export let firstRow = 0;

/**
 * Room for `rows` rows, whose times are in units of `newTickMs`: returns where their keys, value bytes, TTLs, times and
 * operations are, one column behind the other.
 */
export function allocateRows(rows: i32, newTickMs: f64): usize {
  const column = (<usize>rows) << 2;
  keys = allocate(4 * column + <usize>rows);
  valueBytes = keys + column;
  ttls = valueBytes + column;
  times = ttls + column;
  ops = times + column;
  tickMs = newTickMs;
  firstRow = 0;
  return keys;
}

export function setFirstRow(row: i32): void {
  firstRow = row;
}


@inline
export function operationOf(row: i32): i32 {
  return <i32>load<u8>(ops + <usize>row);
}


@inline
export function keyOf(row: i32): i32 {
  return load<i32>(at(keys, row));
}


@inline
export function valueBytesOf(row: i32): u32 {
  return load<u32>(at(valueBytes, row));
}


@inline
export function hasTtl(row: i32): bool {
  return load<u32>(at(ttls, row)) !== NO_TTL;
}

/** Since the start of the trace. */
@inline
export function timeMsOf(row: i32): f64 {
  return <f64>load<u32>(at(times, row)) * tickMs;
}

/** Infinity for none. */
@inline
export function ttlMsOf(row: i32): f64 {
  const code = load<u32>(at(ttls, row));
  if (code === NO_TTL) return Infinity;
  return code < SECONDS_FLAG ? <f64>code : <f64>(code - SECONDS_FLAG) * 1000;
}
