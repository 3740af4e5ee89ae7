import { EXPIRY_SLOT, INTEGER, NO_SLOT, SHARED, VOLATILE } from '../keyspace/key-flags';
import { charge, setTransient, transient } from './account';
import { bytesOfEntry, bytesOfKeyCopy } from './command-memory';
import { slotAfterOverwrite } from './host';
import { addKey, expires, main, removeKey } from './keyspace';
import { at } from './memory';
import { onHit, onInsert, onModify, onRemove } from './policy';
import { bytes, directory, expiresAtMs, idOf, meta, values } from './records';
import {
  count,
  DELETED_KEYS,
  EVICTED_KEYS,
  EXPIRED_KEYS,
  nowMs,
  OVERWRITTEN_VALUES,
  STORED_VALUES,
} from './state';
import { insert, lookUp, remove } from './tables';

// What a command does to a key once it is allowed to run. Keeps keyspace, memory, policy and counters in step, with the
// lookups the server makes on the way (each may move a rehash along).

/** Why a key left: see src/policies/policy.ts. */
const REMOVED_BY_EVICTION = 0;
const REMOVED_BY_EXPIRY = 1;
const REMOVED_BY_COMMAND = 2;

const VALUE_FLAGS = INTEGER | SHARED | EXPIRY_SLOT;

/** Whether what holds an expiry goes when the TTL does. */
let slotGoesWithTtl = false;

export function setSlotGoesWithTtl(goes: bool): void {
  slotGoesWithTtl = goes;
}


@inline
function isVolatile(slot: i32): bool {
  return (load<i32>(at(meta, slot)) & VOLATILE) !== 0;
}


@inline
function setExpiry(slot: i32, ms: f64): void {
  store<f64>(expiresAtMs + ((<usize>slot) << 3), ms);
}

/** A table is on the move: every lookup may move it along. */
@inline
export function isRehashing(): bool {
  return main.rehashIndex >= 0 || expires.rehashIndex >= 0;
}

/**
 * Looks a key up as every command but DEL does: an expired one is deleted, a live one touched. Its slot if it lives,
 * else NO_SLOT.
 */
export function touch(id: i32): i32 {
  lookUp(main, id);
  const slot = liveSlotOf(id);
  if (slot !== NO_SLOT) onHit(slot);
  return slot;
}

/** Where the key is if it is there for commands, else NO_SLOT; deletes it first if it has expired. */
function liveSlotOf(id: i32): i32 {
  const slot = load<i32>(at(directory, id));
  if (slot === NO_SLOT) return NO_SLOT;
  if (expires.size > 0) lookUp(expires, id);
  if (!isVolatile(slot) || nowMs() <= load<f64>(expiresAtMs + ((<usize>slot) << 3))) return slot;
  expireKey(slot);
  return NO_SLOT;
}

/** The number a key counts, 0 if it holds a string or nothing. */
export function integerOf(slot: i32): i32 {
  return load<i32>(at(meta, slot)) & INTEGER ? load<i32>(at(values, slot)) : 0;
}

/** Makes an absent key resident with a value: its length, or the number itself, as the record flags say. */
export function insertKey(id: i32, value: i32, flags: i32): i32 {
  count(STORED_VALUES, 1);
  setTransient(transient() + bytesOfKeyCopy(id));
  const slot = addKey(id, bytesOfEntry(id, value, flags), value, flags);
  onInsert(slot);
  return slot;
}

/** Gives a resident key another value. Its TTL stays until the command says otherwise. */
export function overwriteKey(slot: i32, value: i32, flags: i32, keepsTtl: bool): void {
  const id = idOf(slot);
  count(STORED_VALUES, 1);
  count(OVERWRITTEN_VALUES, 1);
  lookUp(main, id);
  const oldFlags = load<i32>(at(meta, slot));
  const newFlags =
    flags | slotAfterOverwrite(id, load<i32>(at(values, slot)), oldFlags, value, flags, keepsTtl);
  rechargeKey(slot, bytesOfEntry(id, value, newFlags));
  onModify(slot);
  store<i32>(at(values, slot), value);
  store<i32>(at(meta, slot), (load<i32>(at(meta, slot)) & ~VALUE_FLAGS) | newFlags);
}

/** Makes a resident key expire at unix time `expiryMs`. */
export function giveTtl(slot: i32, expiryMs: f64): void {
  const id = idOf(slot);
  lookUp(main, id);
  onModify(slot);
  if (isVolatile(slot)) {
    lookUp(expires, id);
    setExpiry(slot, expiryMs);
    return;
  }
  addExpiry(slot, expiryMs);
  const flags = load<i32>(at(meta, slot));
  if (flags & EXPIRY_SLOT) return;
  store<i32>(at(meta, slot), flags | EXPIRY_SLOT);
  rechargeAsIs(slot);
}

/** Puts a resident key without a TTL into the expires table. The caller charges the entry. */
export function addExpiry(slot: i32, expiryMs: f64): void {
  insert(expires, slot);
  store<i32>(at(meta, slot), load<i32>(at(meta, slot)) | VOLATILE);
  setExpiry(slot, expiryMs);
}

/** Takes a volatile key out of the expires table. The caller gives its bytes back. */
export function removeExpiry(slot: i32): void {
  remove(expires, slot);
  store<i32>(at(meta, slot), load<i32>(at(meta, slot)) & ~VOLATILE);
}

/** Makes a resident key last; true if it had a TTL. */
export function dropTtl(slot: i32): bool {
  const id = idOf(slot);
  lookUp(main, id);
  if (!isVolatile(slot)) {
    if (expires.size > 0) lookUp(expires, id);
    return false;
  }
  removeExpiry(slot);
  onModify(slot);
  if (slotGoesWithTtl) {
    store<i32>(at(meta, slot), load<i32>(at(meta, slot)) & ~EXPIRY_SLOT);
    rechargeAsIs(slot);
  }
  return true;
}

/** Charges `size` bytes instead of what a resident key cost before. */
export function rechargeKey(slot: i32, size: i32): void {
  charge(<f64>(size - load<i32>(at(bytes, slot))));
  store<i32>(at(bytes, slot), size);
}

/** Charges for a key what it costs as its record now is. */
function rechargeAsIs(slot: i32): void {
  const size = bytesOfEntry(idOf(slot), load<i32>(at(values, slot)), load<i32>(at(meta, slot)));
  rechargeKey(slot, size);
}

/** DEL: true if a live key was there. */
export function deleteKey(id: i32): bool {
  const slot = liveSlotOf(id);
  if (slot === NO_SLOT) return false;
  count(DELETED_KEYS, 1);
  removeFor(slot, REMOVED_BY_COMMAND);
  return true;
}

export function evictKey(slot: i32): void {
  count(EVICTED_KEYS, 1);
  removeFor(slot, REMOVED_BY_EVICTION);
}

export function expireKey(slot: i32): void {
  count(EXPIRED_KEYS, 1);
  removeFor(slot, REMOVED_BY_EXPIRY);
}


@inline
function removeFor(slot: i32, reason: i32): void {
  onRemove(slot, reason);
  removeKey(slot);
}
