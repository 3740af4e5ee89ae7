import { EXPIRY_SLOT, INTEGER, NO_SLOT, POOLED, SHARED, VOLATILE } from '../keyspace/key-flags';
import { charge } from './account';
import { forget, keyAfter, POOL_EMPTY, takeBest } from './candidate-pool';
import { at } from './memory';
import {
  bytes,
  claim,
  directory,
  expiresLinks,
  idOf,
  mainLinks,
  meta,
  release,
  values,
} from './records';
import { found, Table } from './table';
import { insert, lookUp, peek, remove } from './tables';

const VALUE_FLAGS = INTEGER | SHARED | EXPIRY_SLOT;

/** All resident keys, and those with a TTL. */
export let main = changetype<Table>(0);
export let expires = changetype<Table>(0);

export function setTables(mainTable: Table, expiresTable: Table): void {
  main = mainTable;
  expires = expiresTable;
}

/** Makes an absent key resident, with `size` bytes charged for it, a value and no TTL; returns its slot. */
export function addKey(id: i32, size: i32, value: i32, flags: i32): i32 {
  const slot = claim(id);
  insert(main, slot);
  store<i32>(at(bytes, slot), size);
  charge(<f64>size);
  store<i32>(at(values, slot), value);
  store<i32>(at(meta, slot), (load<i32>(at(meta, slot)) & ~VALUE_FLAGS) | flags);
  return slot;
}

/**
 * Takes a resident key out of both tables and frees its bytes. The pool keeps it: the server finds out only when it
 * wants to evict it.
 */
export function removeKey(slot: i32): void {
  const flags = load<i32>(at(meta, slot));
  const id = idOf(slot);
  if (flags & POOLED) forget(slot, id);
  if (expires.size > 0) {
    if (flags & VOLATILE) remove(expires, slot);
    else lookUp(expires, id);
  }
  // Freed before the table asks whether it may shrink.
  charge(-(<f64>load<i32>(at(bytes, slot))));
  remove(main, slot);
  release(slot);
}

/** The keys of a sample are looked up in the main table. */
export function lookUpSample(count: i32): void {
  for (let i = 0; i < count; i++) lookUp(main, idOf(load<i32>(at(found, i))));
}

/** Takes the best candidate that still exists, as `candidateFlag` says, out of the pool; NO_SLOT when there is none. */
export function takeCandidate(table: Table, candidateFlag: i32): i32 {
  for (let key = takeBest(); key !== POOL_EMPTY; key = takeBest()) {
    // The server looks the key up by its name: where it is now, if anywhere.
    if (table.rehashIndex >= 0) lookUp(table, key > 0 ? idOf(key) : ~key);
    const slot = key > 0 ? key : load<i32>(at(directory, ~key));
    if (load<i32>(at(meta, slot)) & candidateFlag) return slot;
  }
  return NO_SLOT;
}

/** Reads the records of up to `count` candidates that may be the next victims, for nothing but to have them at hand. */
export function peekCandidates(count: i32): i32 {
  let sum = 0;
  for (let taken = 0; taken < count; taken++) {
    const slot = keyAfter(taken);
    if (slot <= 0) continue;
    const id = idOf(slot);
    sum +=
      peek(main, id) +
      load<i32>(at(directory, id)) +
      load<i32>(at(bytes, slot)) +
      load<i32>(at(mainLinks, slot));
    if (expires.size > 0) sum += peek(expires, id) + load<i32>(at(expiresLinks, slot));
  }
  return sum;
}
