import { round } from './host';
import { accountFields } from './state';

const TRANSIENT = 8;
const LIMIT = 16;
const PEAK = 24;

// The server's memory account (src/memory/account.ts), in bytes.

@inline
export function used(): f64 {
  return load<f64>(accountFields);
}


@inline
export function charge(bytes: f64): void {
  store<f64>(accountFields, load<f64>(accountFields) + bytes);
}

/** Bytes of the running command. */
@inline
export function transient(): f64 {
  return load<f64>(accountFields, TRANSIENT);
}


@inline
export function setTransient(bytes: f64): void {
  store<f64>(accountFields, bytes, TRANSIENT);
}


@inline
export function limit(): f64 {
  return load<f64>(accountFields, LIMIT);
}

/** A command has run while `bytes` were used. */
@inline
export function notePeak(bytes: f64): void {
  if (bytes > load<f64>(accountFields, PEAK)) store<f64>(accountFields, bytes, PEAK);
}

/** True if allocating `bytes` now would exceed the limit. */
export function wouldExceed(bytes: f64): bool {
  return used() + transient() + bytes > limit();
}

/** What the allocator takes for that many bytes. */
export function sizeClass(bytes: f64): f64 {
  return round(bytes);
}
