import * as keyFlags from '../keyspace/key-flags.ts';
import type { KeyNames } from '../keyspace/key-names.ts';
import type { Kernel } from '../keyspace/kernel.ts';
import type { OverwrittenKey, StringLayout, ValueKind } from '../memory/string-layout.ts';

const { EXPIRY_SLOT, INTEGER, SHARED, VOLATILE } = keyFlags;

/** Digits of a TTL argument; one size class either way. */
const TTL_DIGITS = 4;
/** As in src/kernel/command-memory.ts, which has two tables of so many lengths. */
const LONGEST_TABULATED = 1024;
const TABULATED = LONGEST_TABULATED + 1;

/**
 * What commands and keys of one trace cost on one server, in bytes: the layout of strings applied to key ids. The
 * arguments of a command are in memory while the server decides whether to evict, so their sizes matter as well.
 */
export class CommandMemory {
  private readonly layout: StringLayout;
  private readonly nameLengths: Uint8Array | Uint32Array;
  private readonly argumentTable: Uint32Array;
  /** The most that {@link CommandMemory.get} comes to. */
  readonly longestGet: number;
  private readonly getBase: number;
  private readonly expireBase: number;
  private readonly setBase: number;
  private readonly setWithTtlBase: number;
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

  constructor(layout: StringLayout, names: KeyNames) {
    this.layout = layout;
    this.nameLengths = names.lengths;
    this.argumentTable = new Uint32Array(TABULATED);
    for (let length = 0; length <= LONGEST_TABULATED; length++) {
      this.argumentTable[length] = layout.argumentBytes(length);
    }
    const name = layout.argumentBytes('get'.length);
    const ttl = layout.argumentBytes(TTL_DIGITS);
    this.getBase = layout.argumentArrayBytes(2) + name;
    this.longestGet = this.getBase + layout.argumentBytes(names.longest);
    this.setBase = layout.argumentArrayBytes(3) + name;
    this.setWithTtlBase = layout.argumentArrayBytes(5) + name + layout.argumentBytes(2) + ttl;
    this.expireBase = layout.argumentArrayBytes(3) + layout.argumentBytes('expire'.length) + ttl;
  }

  /** Tells the kernel, which asks for the rest. */
  tell(kernel: Kernel): void {
    const { getBase, setBase, setWithTtlBase, expireBase, longestGet } = this;
    const { calls } = kernel;
    const place = calls.setCommandMemory(getBase, setBase, setWithTtlBase, expireBase, longestGet);
    const tables = kernel.uint32s(place, 2 * TABULATED);
    tables.set(this.argumentTable);
    tables.set(
      this.argumentTable.map((_, length) => this.layout.keyCopyBytes(length)),
      TABULATED,
    );
    calls.setSlotGoesWithTtl(Number(this.layout.slotGoesWithTtl));
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
    const hasSlot = (flags & EXPIRY_SLOT) !== 0;
    const length = flags & INTEGER ? 0 : value;
    return this.layout.entryBytes(this.nameLengths[id], length, kindOf(flags), hasSlot);
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

  keyCopy(length: number): number {
    return this.layout.keyCopyBytes(length);
  }

  /** An argument of so many bytes. */
  argument(length: number): number {
    return length <= LONGEST_TABULATED
      ? this.argumentTable[length]
      : this.layout.argumentBytes(length);
  }
}

function kindOf(flags: number): ValueKind {
  if (flags & SHARED) return 'sharedInteger';
  return flags & INTEGER ? 'integer' : 'string';
}
