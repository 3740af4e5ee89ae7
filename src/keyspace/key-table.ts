import type { Rounder } from '../memory/size-classes.ts';
import type { KernelTable } from './kernel-table.ts';
import type { Kernel } from './kernel.ts';

/** Which of the two tables of a keyspace: all keys, or those with a TTL. */
export type TableRole = 'main' | 'expires';

/** What a table is made of: everything it works with is in the kernel. */
export interface TableParts {
  readonly kernel: Kernel;
  readonly hashSeed: number;
}

/** What a server profile says about its hash tables. */
export interface TableKind {
  createTable(role: TableRole, parts: TableParts): KernelTable;
  /** Bytes of a table that has grown to hold `keys` keys and is at rest. */
  tableBytes(role: TableRole, keys: number, round: Rounder): number;
}

/**
 * A hash table of resident keys as the server's own: what eviction and expiry see of it is the order in which it hands
 * out entries. Two of them make a keyspace: all keys, and those with a TTL. Entries are slots of the records.
 */
export interface KeyTable {
  readonly size: number;
  /** Bytes of bucket arrays (two during a rehash) and whatever else the table allocates. Already in the account. */
  readonly bytes: number;
  /** The part of them that depends on how the keys happen to hash: child buckets, nodes. */
  readonly chainBytes: number;
  /** A lookup of a key (its id), in the table or not, as far as the table's own state goes: it may move a rehash along. */
  onLookup(id: number): void;
  /** Adds a key that is not in the table. */
  insert(slot: number): void;
  /** Takes out a key that is in the table. */
  remove(slot: number): void;
  /** Samples up to `count` keys into {@link Kernel.found}, in the order the server offers them; returns how many. */
  sample(count: number): number;
  /** The server's random entry; the table must not be empty. */
  randomKey(): number;
  /** Positions a linear cursor can visit. */
  readonly positions: number;
  /** Appends the keys at cursor position `cursor` (masked to the size) to `out`; returns how many buckets that took. */
  collectAt(cursor: number, out: number[]): number;
  /**
   * Appends the keys at scan cursor `cursor` to `out`; returns the next cursor, 0 after the last one. Starting at 0, a
   * full round meets every key that stays in the table, whatever becomes of its size. Whoever scans may delete the
   * keys it got, then says so with {@link KeyTable.endScan}.
   */
  scan(cursor: number, out: number[]): number;
  endScan(): void;
  readonly isRehashing: boolean;
  /** Timer work on the table's size. */
  resizeIfSparse(): void;
  /** Timer work on a rehash: moves up to `buckets` buckets; true if there was a rehash to work on. */
  rehashFor(buckets: number): boolean;
  /** Throws InvariantError unless links, counts and bytes agree. O(n). */
  checkInvariants(): void;
}
