import { INTEGER } from '../keyspace/key-flags';
import { entryBytesOf, longArgumentBytes, longKeyCopyBytes } from './host';
import { allocate, at } from './memory';

/**
 * What commands and keys cost, in bytes (src/engine/command-memory.ts works it out). The arguments of a command are in
 * memory while the server decides whether to evict, so their sizes matter as well.
 */

/** By its length up to LONGEST_TABULATED, bytes of an argument and of the copy of a key's name. */
const LONGEST_TABULATED: u32 = 1024;
const TABLE_BYTES: usize = (LONGEST_TABULATED + 1) * 4;
let argumentTable: usize = 0;
let keyCopyTable: usize = 0;
/** Arguments but for name and value. */
let getBase: f64 = 0;
let setBase: f64 = 0;
let setWithTtlBase: f64 = 0;
let expireBase: f64 = 0;
/** The most that {@link bytesOfGet} comes to. */
export let longestGet: f64 = 0;

/** Per key, the length of its name, in a byte or in a word. All are read where the first one is if they are alike. */
let nameLengths: usize = 0;
let namesAreShort = false;
let nameMask = 0;

/** Sizes of keys met before, four words each: what kind of key, its value's length, its bytes. */
const ENTRY_BITS = 12;
const ENTRY_SHIFT = 4;
/** INTEGER, SHARED and EXPIRY_SLOT, which stand next to each other: all that a key's size depends on but lengths. */
const KIND_BITS = 3;
const KIND_MASK = (1 << KIND_BITS) - 1;
const KIND_SHIFT = ctz(INTEGER);
let entries: usize = 0;

/** Room for the lengths of all names. */
export function allocateNames(keyCount: i32, areShort: bool, areAlike: bool): usize {
  namesAreShort = areShort;
  nameMask = areAlike ? 0 : -1;
  nameLengths = allocate(areShort ? <usize>keyCount : (<usize>keyCount) << 2);
  return nameLengths;
}

/** Returns where the host puts the tables of arguments and of copied names, one behind the other. */
export function setCommandMemory(
  get: f64,
  set: f64,
  setWithTtl: f64,
  expire: f64,
  mostOfGet: f64,
): usize {
  getBase = get;
  setBase = set;
  setWithTtlBase = setWithTtl;
  expireBase = expire;
  longestGet = mostOfGet;
  argumentTable = allocate(2 * TABLE_BYTES);
  keyCopyTable = argumentTable + TABLE_BYTES;
  entries = allocate(1 << (ENTRY_BITS + ENTRY_SHIFT));
  return argumentTable;
}


@inline
export function nameLength(id: i32): u32 {
  const place = id & nameMask;
  return namesAreShort
    ? <u32>load<u8>(nameLengths + <usize>place)
    : load<u32>(at(nameLengths, place));
}


@inline
function argument(length: u32): f64 {
  return length <= LONGEST_TABULATED
    ? <f64>load<u32>(argumentTable + ((<usize>length) << 2))
    : longArgumentBytes(<f64>length);
}

/** Arguments of a command with a key and nothing else: GET, DEL, INCR, TOUCH, PERSIST. */
@inline
export function bytesOfGet(id: i32): f64 {
  return getBase + argument(nameLength(id));
}


@inline
export function bytesOfSet(id: i32, valueBytes: u32, withTtl: bool): f64 {
  return (withTtl ? setWithTtlBase : setBase) + argument(nameLength(id)) + argument(valueBytes);
}

export function bytesOfExpire(id: i32): f64 {
  return expireBase + argument(nameLength(id));
}

/** The copy of the key's name that is made before the table is asked to grow. */
@inline
export function bytesOfKeyCopy(id: i32): f64 {
  const length = nameLength(id);
  return length <= LONGEST_TABULATED
    ? <f64>load<u32>(keyCopyTable + ((<usize>length) << 2))
    : longKeyCopyBytes(<f64>length);
}

/** Bytes of a resident key; `value` and `flags` as its record holds them. */
export function bytesOfEntry(id: i32, value: i32, flags: i32): i32 {
  const length = flags & INTEGER ? 0 : value;
  // One more than what it is: 0 is no kind, but that of a place where nothing is remembered yet.
  const kind = 1 + ((nameLength(id) << KIND_BITS) | ((flags >>> KIND_SHIFT) & KIND_MASK));
  const hash = (length ^ (kind * 0x9e37_79b1)) * 0x85eb_ca6b;
  const entry = entries + ((<usize>((<u32>hash) >>> (32 - ENTRY_BITS))) << ENTRY_SHIFT);
  if (load<u32>(entry) === kind && load<i32>(entry, 4) === length) return load<i32>(entry, 8);
  const bytes = entryBytesOf(id, length, flags);
  store<u32>(entry, kind);
  store<i32>(entry, length, 4);
  store<i32>(entry, bytes, 8);
  return bytes;
}
