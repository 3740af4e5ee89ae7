import { ACCESS_MASK } from '../keyspace/key-flags';
import { at } from './memory';
import { meta } from './records';
import { lruSeconds } from './state';

// Idle time by the server's cached clock, which counts seconds in 24 bits.

@inline
export function stampTime(slot: i32): void {
  const flags = at(meta, slot);
  store<i32>(flags, (load<i32>(flags) & ~ACCESS_MASK) | lruSeconds());
}


@inline
export function idleSeconds(slot: i32): f64 {
  const then = load<i32>(at(meta, slot)) & ACCESS_MASK;
  const now = lruSeconds();
  // After a wrap the server adds one second too few; nobody notices, and neither do we.
  return <f64>(now >= then ? now - then : now + (ACCESS_MASK - then));
}
