import { NO_SLOT, RESIDENT } from '../keyspace/key-flags';
import { allocate, at } from './memory';

/** Columns of the records, and the directory (src/keyspace/key-records.ts says what they hold). */
export let directory: usize = 0;
export let meta: usize = 0;
export let ids: usize = 0;
export let bytes: usize = 0;
export let values: usize = 0;
export let mainLinks: usize = 0;
export let expiresLinks: usize = 0;
export let expiresAtMs: usize = 0;

/** The slot given back last, linked through `ids`, and the first that was never used. */
let free = NO_SLOT;
let unused = NO_SLOT + 1;

export function allocateRecords(keyCount: i32): void {
  const column = (<usize>keyCount + 1) << 2;
  directory = allocate(column);
  meta = allocate(column);
  ids = allocate(column);
  bytes = allocate(column);
  values = allocate(column);
  mainLinks = allocate(column);
  expiresLinks = allocate(column);
  expiresAtMs = allocate(column << 1);
  free = NO_SLOT;
  unused = NO_SLOT + 1;
}


@inline
export function idOf(slot: i32): i32 {
  return load<i32>(at(ids, slot));
}

/** Gives an absent key a record, marked resident; returns its slot. The caller fills it. */
export function claim(id: i32): i32 {
  let slot = free;
  if (slot === NO_SLOT) slot = unused++;
  else free = idOf(slot);
  store<i32>(at(meta, slot), RESIDENT);
  store<i32>(at(ids, slot), id);
  store<i32>(at(directory, id), slot);
  return slot;
}

/** Takes the record of a resident key back. */
export function release(slot: i32): void {
  store<i32>(at(directory, idOf(slot)), NO_SLOT);
  store<i32>(at(meta, slot), 0);
  store<i32>(at(ids, slot), free);
  free = slot;
}
