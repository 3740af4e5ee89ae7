import { INTEGER, NO_SLOT, SHARED } from '../keyspace/key-flags';
import { limit, setTransient, used } from './account';
import { bytesOfExpire, bytesOfGet, bytesOfSet } from './command-memory';
import {
  deleteKey,
  dropTtl,
  expireKey,
  giveTtl,
  insertKey,
  integerOf,
  isRehashing,
  overwriteKey,
  touch,
} from './database';
import { evict } from './eviction';
import { at } from './memory';
import { takeParsed } from './parsed';
import { meta, values } from './records';
import { answer, bulkReplyBytes, decimalBytes, OOM_REPLY, SHORT_REPLY } from './replies';
import { count, HITS, MISSES, nowMs, OOM_ERRORS } from './state';

// Commands act on the key of an id at the time of the clock; each first makes room as the server does.

/** A TTL that means "no TTL". */
export const NEVER: f64 = Infinity;

/** Which keys a SET may write, and what becomes of a TTL: src/engine/set-options.ts. */
export const SET_ALWAYS = 0;
export const SET_IF_ABSENT = 1;
export const SET_IF_PRESENT = 2;
export const SET_KEEPING_TTL = 3;

/** Values 0 … 9999 exist once in the server and can be referred to. */
const SHARED_INTEGERS = 10_000;

/** See CommandRules in src/servers/profile.ts. */
let conditionalSetLooksUpTwice = false;
let setMovesTtlInPlace = false;
let countsPastExpiry = false;
let sharesIntegers = false;

export function setCommands(
  looksUpTwice: bool,
  movesTtlInPlace: bool,
  pastExpiryCounts: bool,
  integersAreShared: bool,
): void {
  conditionalSetLooksUpTwice = looksUpTwice;
  setMovesTtlInPlace = movesTtlInPlace;
  countsPastExpiry = pastExpiryCounts;
  sharesIntegers = integersAreShared;
}

/** GET: true on a hit. */
export function get(id: i32): bool {
  makeRoom(bytesOfGet(id));
  const slot = countLookup(id);
  const hit = slot !== NO_SLOT;
  answer(hit ? <f64>bulkReplyBytes(valueLength(slot)) : SHORT_REPLY);
  return hit;
}

/** Length of a resident key's value as it would be sent. */
function valueLength(slot: i32): i32 {
  const value = load<i32>(at(values, slot));
  return load<i32>(at(meta, slot)) & INTEGER ? decimalBytes(value) : value;
}

/** TOUCH of one key: counted and stamped as a read. */
export function touchCommand(id: i32): bool {
  makeRoom(bytesOfGet(id));
  answer(SHORT_REPLY);
  return countLookup(id) !== NO_SLOT;
}

function countLookup(id: i32): i32 {
  const slot = touch(id);
  count(slot === NO_SLOT ? MISSES : HITS, 1);
  return slot;
}

/**
 * SET of a string of `valueBytes`, with EX when `ttlMs` is not NEVER. False if NX or XX forbade it, or memory did (then
 * the OOM errors count it).
 */
export function set(id: i32, valueBytes: u32, ttlMs: f64, mode: i32): bool {
  if (!mayWrite(bytesOfSet(id, valueBytes, ttlMs !== NEVER))) return false;
  const slot = touch(id);
  const allowed = mode === SET_ALWAYS || allows(mode, id, slot);
  if (allowed) write(id, slot, <i32>valueBytes, 0, ttlMs, mode === SET_KEEPING_TTL);
  endWrite();
  return allowed;
}

/** Whether a SET of that mode may write a key that was looked up and found at `slot`. */
function allows(mode: i32, id: i32, slot: i32): bool {
  if (mode === SET_KEEPING_TTL) return true;
  if (mode !== (slot === NO_SLOT ? SET_IF_ABSENT : SET_IF_PRESENT)) return false;
  if (conditionalSetLooksUpTwice) touch(id);
  return true;
}

/** SET of a canonical integer of so many digits, of which the record keeps the last 32 bits; false on OOM. */
export function setInteger(id: i32, value: f64, digits: u32, ttlMs: f64): bool {
  if (!mayWrite(bytesOfSet(id, digits, ttlMs !== NEVER))) return false;
  write(id, touch(id), <i32>(<i64>value), integerFlags(value), ttlMs, false);
  endWrite();
  return true;
}

/** Stores what a SET says; `place`: where the key is, or NO_SLOT. */
function write(id: i32, place: i32, value: i32, flags: i32, ttlMs: f64, keepsTtl: bool): void {
  const slot = keep(id, place, value, flags, keepsTtl);
  const isFresh = place === NO_SLOT && !isRehashing();
  // A new key has no TTL to drop, and a lookup leaves no trace in tables at rest.
  if (!isFresh && !keepsTtl && (ttlMs === NEVER || !setMovesTtlInPlace)) dropTtl(slot);
  if (ttlMs !== NEVER) giveTtl(slot, nowMs() + ttlMs);
}

function keep(id: i32, place: i32, value: i32, flags: i32, keepsTtl: bool): i32 {
  if (place === NO_SLOT) return insertKey(id, value, flags);
  overwriteKey(place, value, flags, keepsTtl);
  return place;
}

/** INCR: an absent key starts at 1, a string is taken for a 0 (a trace carries no contents). False on OOM. */
export function incr(id: i32): bool {
  if (!mayWrite(bytesOfGet(id))) return false;
  const slot = touch(id);
  const value = slot === NO_SLOT ? 1 : integerOf(slot) + 1;
  keep(id, slot, value, integerFlags(<f64>value), true);
  endWrite();
  return true;
}

/** Record flags of an integer value. */
function integerFlags(value: f64): i32 {
  const shared = sharesIntegers && value >= 0 && value < SHARED_INTEGERS;
  return shared ? INTEGER | SHARED : INTEGER;
}

/** DEL: true if a live key was deleted. */
export function del(id: i32): bool {
  makeRoom(bytesOfGet(id));
  answer(SHORT_REPLY);
  return deleteKey(id);
}

/** EXPIRE: true if the key exists. A TTL that is not positive deletes it at once. */
export function expire(id: i32, ttlMs: f64): bool {
  makeRoom(bytesOfExpire(id));
  const slot = touch(id);
  if (slot !== NO_SLOT) {
    if (ttlMs > 0) giveTtl(slot, nowMs() + ttlMs);
    else if (countsPastExpiry) expireKey(slot);
    else deleteKey(id);
  }
  endWrite();
  return slot !== NO_SLOT;
}

/** PERSIST: true if the key had a TTL. */
export function persist(id: i32): bool {
  makeRoom(bytesOfGet(id));
  answer(SHORT_REPLY);
  const slot = touch(id);
  return slot !== NO_SLOT && dropTtl(slot);
}

/** Runs the eviction check, the command's arguments in memory, for commands that run whatever it says. */
function makeRoom(argumentBytes: f64): void {
  takeParsed(argumentBytes);
  setTransient(argumentBytes);
  if (used() + argumentBytes > limit()) evict();
  setTransient(0);
}

/** The same for commands that may need memory; their arguments stay in the account until they end. */
function mayWrite(argumentBytes: f64): bool {
  takeParsed(argumentBytes);
  setTransient(argumentBytes);
  if (used() + argumentBytes <= limit()) return true;
  if (evict()) return true;
  setTransient(0);
  count(OOM_ERRORS, 1);
  answer(OOM_REPLY);
  return false;
}

function endWrite(): void {
  setTransient(0);
  answer(SHORT_REPLY);
}
