import * as keyFlags from '../keyspace/key-flags.ts';
import type { KeyRecords } from '../keyspace/key-records.ts';
import type { OverwrittenKey, StringLayout, ValueKind } from '../memory/string-layout.ts';

const { EXPIRY_SLOT, INTEGER, SHARED, VOLATILE } = keyFlags;

/** Values 0 … 9999 exist once in the server and can be referred to. */
const SHARED_INTEGERS = 10_000;
/** Digits of a TTL argument; one size class either way. */
const TTL_DIGITS = 4;
const LONGEST_TABULATED = 1024;
/** INTEGER, SHARED and EXPIRY_SLOT, which stand next to each other: all that a key's size depends on but lengths. */
const KIND_BITS = 3;
const KIND_MASK = (1 << KIND_BITS) - 1;
const KIND_SHIFT = 31 - Math.clz32(INTEGER);
/** Sizes of keys that are remembered: 2^12 of them. */
const ENTRY_SHIFT = 32 - 12;

/**
 * What commands and keys of one trace cost on one server, in bytes: the layout of strings applied to key ids. The
 * arguments of a command are in memory while the server decides whether to evict, so their sizes matter as well.
 */
export class CommandMemory {
  /** Whether what holds an expiry goes when the TTL does. */
  readonly slotGoesWithTtl: boolean;
  private readonly layout: StringLayout;
  private readonly nameLengths: Uint8Array | Uint32Array;
  private readonly sharesIntegers: boolean;
  private readonly argumentTable: Uint32Array;
  private readonly keyCopyTable: Uint32Array;
  /** The most that {@link CommandMemory.get} comes to. */
  readonly longestGet: number;
  private readonly getBase: number;
  private readonly expireBase: number;
  private readonly setBase: number;
  private readonly setWithTtlBase: number;
  /** Sizes of keys met before, four words each: what kind of key, its value's length, its bytes. */
  private readonly entries = new Int32Array(4 << (32 - ENTRY_SHIFT)).fill(-1);
  /** Filled anew for every question: an object per write would be garbage. */
  private readonly overwritten: OverwrittenKey = {
    keyLength: 0,
    oldValue: 'string',
    oldLength: 0,
    newValue: 'string',
    newLength: 0,
    hasSlot: false,
    hasTtl: false,
    keepsTtl: false,
  };

  constructor(layout: StringLayout, records: KeyRecords, sharesIntegers: boolean) {
    this.layout = layout;
    this.nameLengths = records.nameBytes;
    this.sharesIntegers = sharesIntegers;
    this.slotGoesWithTtl = layout.slotGoesWithTtl;
    this.argumentTable = new Uint32Array(LONGEST_TABULATED + 1);
    for (let length = 0; length <= LONGEST_TABULATED; length++) {
      this.argumentTable[length] = layout.argumentBytes(length);
    }
    this.keyCopyTable = this.argumentTable.map((_, length) => layout.keyCopyBytes(length));
    const name = layout.argumentBytes('get'.length);
    const ttl = layout.argumentBytes(TTL_DIGITS);
    this.getBase = layout.argumentArrayBytes(2) + name;
    this.longestGet = this.getBase + layout.argumentBytes(records.longestName);
    this.setBase = layout.argumentArrayBytes(3) + name;
    this.setWithTtlBase = layout.argumentArrayBytes(5) + name + layout.argumentBytes(2) + ttl;
    this.expireBase = layout.argumentArrayBytes(3) + layout.argumentBytes('expire'.length) + ttl;
  }

  /** Arguments of a command with a key and nothing else: GET, DEL, INCR, TOUCH, PERSIST. */
  get(id: number): number {
    return this.getBase + this.argument(this.nameLengths[id]);
  }

  set(id: number, valueBytes: number, withTtl: boolean): number {
    const { argumentTable } = this;
    const base = withTtl ? this.setWithTtlBase : this.setBase;
    const nameBytes = this.nameLengths[id];
    return nameBytes <= LONGEST_TABULATED && valueBytes <= LONGEST_TABULATED
      ? base + argumentTable[nameBytes] + argumentTable[valueBytes]
      : base + this.argument(nameBytes) + this.argument(valueBytes);
  }

  expire(id: number): number {
    return this.expireBase + this.argument(this.nameLengths[id]);
  }

  /** Bytes of a resident key; `value` and `flags` as its record holds them. */
  entry(id: number, value: number, flags: number): number {
    const { entries } = this;
    const length = flags & INTEGER ? 0 : value | 0;
    const kind = (this.nameLengths[id] << KIND_BITS) | ((flags >>> KIND_SHIFT) & KIND_MASK);
    const at = (Math.imul(length ^ Math.imul(kind, 0x9e37_79b1), 0x85eb_ca6b) >>> ENTRY_SHIFT) << 2;
    return entries[at] === kind && entries[at + 1] === length
      ? entries[at + 2]
      : this.layOut(id, length, flags, kind, at);
  }

  /** Works out what {@link entry} is asked, and remembers it at `at`. */
  private layOut(id: number, length: number, flags: number, kind: number, at: number): number {
    const { entries } = this;
    const hasSlot = (flags & EXPIRY_SLOT) !== 0;
    const bytes = this.layout.entryBytes(this.nameLengths[id], length, kindOf(flags), hasSlot);
    entries[at] = kind;
    entries[at + 1] = length;
    entries[at + 2] = bytes;
    return bytes;
  }

  /** The EXPIRY_SLOT flag, or 0, of a key that is given a new value: old and new as records hold them. */
  slotAfterOverwrite(
    id: number,
    oldValue: number,
    oldFlags: number,
    value: number,
    flags: number,
    keepsTtl: boolean,
  ): number {
    const { overwritten } = this;
    overwritten.keyLength = this.nameLengths[id];
    overwritten.oldValue = kindOf(oldFlags);
    overwritten.oldLength = oldValue;
    overwritten.newValue = kindOf(flags);
    overwritten.newLength = value;
    overwritten.hasSlot = (oldFlags & EXPIRY_SLOT) !== 0;
    overwritten.hasTtl = (oldFlags & VOLATILE) !== 0;
    overwritten.keepsTtl = keepsTtl;
    return this.layout.hasSlotAfterOverwrite(overwritten) ? EXPIRY_SLOT : 0;
  }

  keyCopy(id: number): number {
    const length = this.nameLengths[id];
    return length <= LONGEST_TABULATED
      ? this.keyCopyTable[length]
      : this.layout.keyCopyBytes(length);
  }

  /** Record flags of an integer value. */
  integerFlags(value: number): number {
    const shared = this.sharesIntegers && value >= 0 && value < SHARED_INTEGERS;
    return shared ? INTEGER | SHARED : INTEGER;
  }

  private argument(length: number): number {
    return length <= LONGEST_TABULATED
      ? this.argumentTable[length]
      : this.layout.argumentBytes(length);
  }
}

function kindOf(flags: number): ValueKind {
  if (flags & SHARED) return 'sharedInteger';
  return flags & INTEGER ? 'integer' : 'string';
}
