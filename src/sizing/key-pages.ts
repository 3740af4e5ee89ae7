import type { TableRole } from '../keyspace/key-table.ts';
import type { CopyOnWrite } from '../memory/fork.ts';
import { rounderOf } from '../memory/size-classes.ts';
import { Slabs } from '../memory/slabs.ts';
import type {
  EntryBlocks,
  OverwrittenKey,
  StringLayout,
  ValueKind,
} from '../memory/string-layout.ts';
import { mix32 } from '../random.ts';
import type { Allocator, ServerProfile } from '../servers/profile.ts';
import { POINTER_BYTES, TablePages } from './table-pages.ts';

/** A key has this many blocks at most: entry, name, TTL entry, value object, string. */
const MAX_BLOCKS = 5;
const TWO_POW_32 = 2 ** 32;
/** So that entries are drawn apart from words and chains. */
const ENTRY_SALT = 0x2545f491;

const RESIDENT = 1;
const HAS_TTL = 2;
const IS_INTEGER = 4;
/** A block with room for an expiry, which stays when the TTL goes. */
const HAS_SLOT = 8;

const NO_BLOCKS: EntryBlocks = { lasting: [], replaced: [] };

/** What a command leaves where it is, if it fits there. */
interface Kept {
  readonly blocks: boolean;
  readonly value: boolean;
}

const KEEPS_NOTHING: Kept = { blocks: false, value: false };

/**
 * Where the blocks of every key lie, and which pages writes to keys touch: blocks that are allocated, pointers that are
 * changed, words of the hash tables. Reads touch nothing: a server whose child lives leaves access times alone.
 *
 * Deviations: words, chains and the entries before a key are drawn at random, arguments of the running command take no
 * blocks, and tables neither grow nor rehash while a child lives.
 */
export class KeyPages {
  private readonly slabs: Slabs;
  private readonly layout: StringLayout;
  private readonly movesTtlInPlace: boolean;
  /** Keys have entries that form chains; else the tables point at their blocks. */
  private readonly hasEntries: boolean;
  private readonly keyBytes: Uint32Array;
  private readonly valueBytes: Uint32Array;
  private readonly flags: Uint8Array;
  /** Per key, the slots of its lasting blocks, then those of the replaced ones. */
  private readonly slots: Int32Array;
  private readonly tables: Readonly<Record<TableRole, TablePages>>;

  constructor(
    profile: ServerProfile,
    allocator: Allocator,
    keyBytes: Uint32Array,
    pages: CopyOnWrite,
  ) {
    const round = rounderOf(allocator);
    this.slabs = new Slabs(round, pages, allocator === 'libc' ? 'keeps' : profile.childAfterSaving);
    this.layout = profile.stringLayout(round);
    this.movesTtlInPlace = profile.commands.setMovesTtlInPlace;
    this.hasEntries = this.layout.slotGoesWithTtl;
    this.keyBytes = keyBytes;
    this.valueBytes = new Uint32Array(keyBytes.length);
    this.flags = new Uint8Array(keyBytes.length);
    this.slots = new Int32Array(keyBytes.length * MAX_BLOCKS);
    this.tables = {
      main: new TablePages('main', profile, round, pages),
      expires: new TablePages('expires', profile, round, pages),
    };
  }

  isResident(id: number): boolean {
    return (this.flags[id] & RESIDENT) !== 0;
  }

  hasTtl(id: number): boolean {
    return (this.flags[id] & HAS_TTL) !== 0;
  }

  /** A child has been born that compresses strings to this share of their size. */
  fork(compressedShare: number): void {
    this.slabs.fork(compressedShare);
  }

  /** A key gets a value; `valueBytes` is ignored for integers. */
  store(id: number, valueBytes: number, kind: ValueKind, hasTtl: boolean): void {
    const { layout } = this;
    const before = this.blocksOf(id);
    const isNew = !this.isResident(id);
    const hadTtl = this.hasTtl(id);
    const overwritten: OverwrittenKey = {
      keyLength: this.keyBytes[id],
      oldValue: this.kindOf(id),
      oldLength: this.valueBytes[id],
      newValue: kind,
      newLength: valueBytes,
      hasSlot: (this.flags[id] & HAS_SLOT) !== 0,
      hasTtl: hadTtl,
      keepsTtl: hasTtl,
    };
    const keepsSlot = !isNew && !this.hasEntries && layout.hasSlotAfterOverwrite(overwritten);
    this.valueBytes[id] = valueBytes;
    this.flags[id] =
      RESIDENT |
      (hasTtl ? HAS_TTL | HAS_SLOT : 0) |
      (keepsSlot ? HAS_SLOT : 0) |
      (kind === 'string' ? 0 : IS_INTEGER);
    const after = this.blocksOf(id);
    const keeps: Kept = { blocks: layout.keepsBlocks(overwritten), value: false };
    const hasMoved = this.replace(id, before, after, keeps);
    if (isNew) this.tables.main.add(id);
    else if (hasMoved) this.tables.main.write(id);
    if (hasTtl && !hadTtl) this.tables.expires.add(id);
    else if (!hasTtl && hadTtl) this.takeOut(id, 'expires', before.lasting.at(-1));
    else if (hasTtl && !this.movesTtlInPlace) {
      this.unlink(id, 'expires', after.lasting.at(-1));
      this.tables.expires.write(id);
    } else if (hasTtl && hasMoved) this.tables.expires.write(id);
  }

  /** A resident key is given a TTL, another one, or loses it; its value stays. */
  changeTtl(id: number, hasTtl: boolean): void {
    const hadTtl = this.hasTtl(id);
    if (!hasTtl && !hadTtl) return;
    const before = this.blocksOf(id);
    if (hasTtl) this.flags[id] |= HAS_TTL | HAS_SLOT;
    else this.flags[id] &= this.hasEntries ? ~(HAS_TTL | HAS_SLOT) : ~HAS_TTL;
    const after = this.blocksOf(id);
    const hasMoved = this.replace(id, before, after, { blocks: true, value: true });
    if (hasMoved) this.tables.main.write(id);
    if (hasTtl && !hadTtl) this.tables.expires.add(id);
    else if (!hasTtl) this.takeOut(id, 'expires', before.lasting.at(-1));
  }

  /** The access word of a resident key is written. */
  touch(id: number): void {
    const { lasting, replaced } = this.blocksOf(id);
    const bytes = lasting.at(0) ?? replaced[0];
    this.slabs.write(this.slots[id * MAX_BLOCKS], bytes, POINTER_BYTES);
  }

  remove(id: number): void {
    const before = this.blocksOf(id);
    if (this.hasTtl(id)) this.takeOut(id, 'expires', before.lasting.at(-1));
    this.takeOut(id, 'main', before.lasting.at(0));
    this.flags[id] = 0;
    this.replace(id, before, NO_BLOCKS, KEEPS_NOTHING);
  }

  private takeOut(id: number, role: TableRole, entryBytes: number | undefined): void {
    this.unlink(id, role, entryBytes);
    this.tables[role].keys--;
  }

  /** What leads to a key's entry is changed: a word of the table, or the entry before it in its chain. */
  private unlink(id: number, role: TableRole, entryBytes: number | undefined): void {
    const table = this.tables[role];
    if (entryBytes === undefined || !this.hasEntries || table.isHead(id)) table.write(id);
    else this.slabs.writeAnywhere(entryBytes, mix32(id ^ ENTRY_SALT) / TWO_POW_32, POINTER_BYTES);
  }

  private kindOf(id: number): ValueKind {
    return this.flags[id] & IS_INTEGER ? 'integer' : 'string';
  }

  private blocksOf(id: number): EntryBlocks {
    if (!this.isResident(id)) return NO_BLOCKS;
    const hasSlot = (this.flags[id] & HAS_SLOT) !== 0;
    const kind = this.kindOf(id);
    return this.layout.entryBlocks(this.keyBytes[id], this.valueBytes[id], kind, hasSlot);
  }

  /**
   * A new value comes as an argument, before what it replaces is freed; what is kept stays where it is if it fits there.
   * Answers whether what the tables point at is another block than before.
   */
  private replace(id: number, before: EntryBlocks, after: EntryBlocks, keeps: Kept): boolean {
    const { slabs, slots } = this;
    const at = id * MAX_BLOCKS;
    const old = slots.slice(at, at + MAX_BLOCKS);
    const isEmbedded = after.lasting.length === 0;
    const wasEmbedded = before.lasting.length === 0;
    const keepsValue = keeps.value && isEmbedded === wasEmbedded;
    const stays = (had: number | undefined, has: number | undefined): boolean =>
      had !== undefined && has !== undefined && slabs.isSameClass(had, has);

    const valuesStay = after.replaced.map(
      (bytes, i) => keepsValue && stays(before.replaced.at(i), bytes),
    );
    const values = after.replaced.map((bytes, i) =>
      valuesStay[i] ? old[before.lasting.length + i] : slabs.allocate(bytes),
    );
    // An expiry that changes is in the block of the value.
    if (isEmbedded && valuesStay[0]) slabs.write(values[0], after.replaced[0], POINTER_BYTES);

    const blocks = Math.max(before.lasting.length, after.lasting.length);
    for (let i = 0; i < blocks; i++) {
      const [had, has] = [before.lasting.at(i), after.lasting.at(i)];
      if (has !== undefined && keeps.blocks && stays(had, has)) {
        if (this.isWritten(id, i, after, keeps)) slabs.write(slots[at + i], has, POINTER_BYTES);
        continue;
      }
      if (has !== undefined) slots[at + i] = slabs.allocate(has);
      if (had !== undefined) slabs.free(old[i], had);
    }
    for (const [i, bytes] of before.replaced.entries()) {
      if (!valuesStay[i]) slabs.free(old[before.lasting.length + i], bytes);
    }
    for (const [i, slot] of values.entries()) slots[at + after.lasting.length + i] = slot;
    if (isEmbedded) return !valuesStay[0];
    return !(keeps.blocks && stays(before.lasting.at(0), after.lasting.at(0)));
  }

  /** Whether a block that stays is written: for the pointer to its value, the expiry in it, or the time in an entry of a TTL. */
  private isWritten(id: number, index: number, { lasting }: EntryBlocks, keeps: Kept): boolean {
    if (index === 0) return !keeps.value || !this.hasEntries;
    return this.hasTtl(id) && index === lasting.length - 1;
  }
}
