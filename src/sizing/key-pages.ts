import type { TableRole } from '../keyspace/key-table.ts';
import type { CopyOnWrite } from '../memory/fork.ts';
import { rounderOf, type Rounder } from '../memory/size-classes.ts';
import { Slabs } from '../memory/slabs.ts';
import type { EntryBlocks, StringLayout, ValueKind } from '../memory/string-layout.ts';
import { mix32 } from '../random.ts';
import type { Allocator, ServerProfile } from '../servers/profile.ts';

/** A key has this many blocks at most: entry, name, TTL entry, value object, string. */
const MAX_BLOCKS = 5;
/** A pointer in a table; chains and counters beside it share its page. */
const POINTER_BYTES = 8;
/** Strings above half a page are given back by a child that can. */
const RELEASED_ABOVE_BYTES = 2048;
/** A table's array is looked up again when the keys have grown by this much. */
const TABLE_SLACK = 1.05;
const TWO_POW_32 = 2 ** 32;
/** So that chains and entries are drawn apart from words. */
const CHAIN_SALT = 0x5bd1e995;
const ENTRY_SALT = 0x2545f491;

const RESIDENT = 1;
const HAS_TTL = 2;
const IS_INTEGER = 4;

const NO_BLOCKS: EntryBlocks = { lasting: [], replaced: [] };

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
    this.slabs = new Slabs(
      round,
      pages,
      profile.childReleasesValues ? RELEASED_ABOVE_BYTES : Infinity,
    );
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

  /** A key gets a value; `valueBytes` is ignored for integers. */
  store(id: number, valueBytes: number, kind: ValueKind, hasTtl: boolean): void {
    const before = this.blocksOf(id);
    const flagsBefore = this.flags[id];
    const hadTtl = (flagsBefore & HAS_TTL) !== 0;
    this.valueBytes[id] = valueBytes;
    this.flags[id] = RESIDENT | (hasTtl ? HAS_TTL : 0) | (kind === 'string' ? 0 : IS_INTEGER);
    const after = this.blocksOf(id);
    const isNew = (flagsBefore & RESIDENT) === 0;
    this.replace(id, before, after, hasTtl);
    if (isNew) this.tables.main.add(id);
    else if (after.lasting.length === 0) this.tables.main.write(id);
    if (hasTtl && !hadTtl) this.tables.expires.add(id);
    else if (!hasTtl && hadTtl) this.takeOut(id, 'expires', before.lasting.at(-1));
    else if (hasTtl && !this.movesTtlInPlace) {
      this.unlink(id, 'expires', after.lasting.at(-1));
      this.tables.expires.write(id);
    }
  }

  /** A resident key is given a TTL, another one, or loses it. */
  changeTtl(id: number, hasTtl: boolean): void {
    const isInteger = (this.flags[id] & IS_INTEGER) !== 0;
    this.store(id, this.valueBytes[id], isInteger ? 'integer' : 'string', hasTtl);
  }

  remove(id: number): void {
    const before = this.blocksOf(id);
    if (this.hasTtl(id)) this.takeOut(id, 'expires', before.lasting.at(-1));
    this.takeOut(id, 'main', before.lasting.at(0));
    this.flags[id] = 0;
    this.replace(id, before, NO_BLOCKS, false);
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

  private blocksOf(id: number): EntryBlocks {
    const flags = this.flags[id];
    if ((flags & RESIDENT) === 0) return NO_BLOCKS;
    const kind = flags & IS_INTEGER ? 'integer' : 'string';
    return this.layout.entryBlocks(
      this.keyBytes[id],
      this.valueBytes[id],
      kind,
      (flags & HAS_TTL) !== 0,
    );
  }

  /** The value comes as an argument, before what it replaces is freed; lasting blocks stay where they fit. */
  private replace(id: number, before: EntryBlocks, after: EntryBlocks, hasTtl: boolean): void {
    const { slabs, slots } = this;
    const at = id * MAX_BLOCKS;
    const old = slots.slice(at, at + MAX_BLOCKS);
    const values = after.replaced.map((bytes) => slabs.allocate(bytes));
    const count = Math.max(before.lasting.length, after.lasting.length);
    for (let i = 0; i < count; i++) {
      const [had, has] = [before.lasting.at(i), after.lasting.at(i)];
      if (had !== undefined && has !== undefined && slabs.isSameClass(had, has)) {
        // The pointer to the value, or the time in an entry of a TTL.
        if (i === 0 || (hasTtl && i === after.lasting.length - 1))
          slabs.write(slots[at + i], has, POINTER_BYTES);
        continue;
      }
      if (has !== undefined) slots[at + i] = slabs.allocate(has);
      if (had !== undefined) slabs.free(old[i], had);
    }
    for (const [i, bytes] of before.replaced.entries()) {
      slabs.free(old[before.lasting.length + i], bytes);
    }
    for (const [i, slot] of values.entries()) slots[at + after.lasting.length + i] = slot;
  }
}

/** The array of a hash table: what is written of it is one word of a key, wherever its hash says. */
class TablePages {
  private readonly role: TableRole;
  private readonly profile: ServerProfile;
  private readonly round: Rounder;
  private readonly pages: CopyOnWrite;
  private readonly region: number;
  keys = 0;
  private sizedFor = 0;
  private bytes = POINTER_BYTES;

  constructor(role: TableRole, profile: ServerProfile, round: Rounder, pages: CopyOnWrite) {
    this.role = role;
    this.profile = profile;
    this.round = round;
    this.pages = pages;
    this.region = pages.region();
  }

  add(id: number): void {
    this.keys++;
    if (this.keys > this.sizedFor) {
      this.sizedFor = Math.ceil(this.keys * TABLE_SLACK);
      this.bytes = this.profile.tableBytes(this.role, this.keys, this.round);
    }
    this.write(id);
  }

  /** Whether a key is the first of its chain, as one in a table this full is likely to be. */
  isHead(id: number): boolean {
    const load = (this.keys * POINTER_BYTES) / this.bytes;
    return mix32(id ^ CHAIN_SALT) / TWO_POW_32 < (1 - Math.exp(-load)) / load;
  }

  write(id: number): void {
    const words = Math.floor(this.bytes / POINTER_BYTES);
    const word = Math.floor((mix32(id) / TWO_POW_32) * words);
    this.pages.write(this.region, word * POINTER_BYTES, POINTER_BYTES, 0);
  }
}
