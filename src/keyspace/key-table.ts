/**
 * A hash table of key ids as the server's own: what eviction and expiry see of it is the order in which it hands out
 * entries. Two of them make a keyspace: all keys, and those with a TTL.
 */
export interface KeyTable {
  readonly size: number;
  /** Bytes of bucket arrays (two during a rehash) and whatever else the table allocates. Already in the account. */
  readonly bytes: number;
  /** A lookup, as far as the table's own state goes: it may move a rehash along. */
  onLookup(): void;
  /** Adds a key that is not in the table. */
  insert(id: number): void;
  /** Takes out a key that is in the table. */
  remove(id: number): void;
  /** Fills `out` with up to `count` sampled ids, in the order the server offers them; returns how many. */
  sample(count: number, out: Int32Array): number;
  /** The server's random entry; the table must not be empty. */
  randomKey(): number;
  /** Positions a linear cursor can visit. */
  readonly positions: number;
  /** Appends the ids at cursor position `cursor` (masked to the size) to `out`; returns how many buckets that took. */
  collectAt(cursor: number, out: number[]): number;
  readonly isRehashing: boolean;
  /** Timer work on the table's size. */
  resizeIfSparse(): void;
  /** Timer work on a rehash: moves up to `buckets` buckets; true if there was a rehash to work on. */
  rehashFor(buckets: number): boolean;
  /** Throws InvariantError unless links, counts and bytes agree. O(n). */
  checkInvariants(): void;
}
