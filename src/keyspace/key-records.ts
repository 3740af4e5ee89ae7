import { InvariantError, UsageError } from '../errors.ts';
import * as keyFlags from './key-flags.ts';

const { NO_SLOT, RESIDENT, VOLATILE } = keyFlags;

const MAX_KEYS = 2 ** 28 - 2;

/**
 * The records of the resident keys, and the directory that says where each key's record is. A key that becomes
 * resident gets the slot that was given back last, so what a replay touches is as small as what is resident, however
 * many keys the trace has: memory of slots never used is never touched. 5 bytes per key, 32 per resident one.
 *
 * A column per field, indexed by slot: sampling asks many keys for one field, and a column of the keys that fit into
 * a server's memory fits into a processor's cache where whole records do not (docs/performance.md).
 */
export class KeyRecords {
  readonly keyCount: number;
  /** Slots are below this: what arrays indexed by slot need. */
  readonly slotLimit: number;
  /** Per key of the trace, its slot. */
  readonly directory: Int32Array;
  /** Per key of the trace, the length of its name, in as few bytes as the longest one needs. */
  readonly nameBytes: Uint8Array | Uint32Array;
  readonly longestName: number;
  /** Access metadata and flags. */
  readonly meta: Int32Array;
  /** The key's id in the trace. */
  readonly ids: Int32Array;
  /** Bytes charged for the key, TTL included, tables excluded. */
  readonly bytes: Int32Array;
  /** Length of the value; the value itself when INTEGER is set. */
  readonly values: Int32Array;
  /** What follows the key in its chain of the main, of the expires table: the tables' business. */
  readonly mainLinks: Int32Array;
  readonly expiresLinks: Int32Array;
  /** Unix ms; meaningful while the key is volatile. */
  readonly expiresAtMs: Float64Array;
  /** The slot given back last, linked through `ids`, and the first that was never used. */
  private free = NO_SLOT;
  private unused = NO_SLOT + 1;

  /** `nameBytes`: per key id, the length of its name. */
  constructor(nameBytes: ArrayLike<number>) {
    const keyCount = nameBytes.length;
    if (keyCount > MAX_KEYS) {
      throw new UsageError(`${keyCount} distinct keys; one replay holds at most ${MAX_KEYS}.`);
    }
    this.keyCount = keyCount;
    this.slotLimit = keyCount + 1;
    this.directory = new Int32Array(keyCount);
    let longestName = 0;
    for (let id = 0; id < keyCount; id++) longestName = Math.max(longestName, nameBytes[id]);
    this.longestName = longestName;
    this.nameBytes = longestName < 256 ? new Uint8Array(nameBytes) : new Uint32Array(nameBytes);
    this.meta = new Int32Array(this.slotLimit);
    this.ids = new Int32Array(this.slotLimit);
    this.bytes = new Int32Array(this.slotLimit);
    this.values = new Int32Array(this.slotLimit);
    this.mainLinks = new Int32Array(this.slotLimit);
    this.expiresLinks = new Int32Array(this.slotLimit);
    this.expiresAtMs = new Float64Array(this.slotLimit);
  }

  /** Where the record of a key is; NO_SLOT when it is not resident. */
  slotOf(id: number): number {
    return this.directory[id];
  }

  /** Gives an absent key a record, marked resident; returns its slot. The caller fills it. */
  claim(id: number): number {
    const { ids } = this;
    let slot = this.free;
    if (slot === NO_SLOT) slot = this.unused++;
    else this.free = ids[slot];
    this.meta[slot] = RESIDENT;
    ids[slot] = id | 0;
    this.directory[id] = slot;
    return slot;
  }

  /** Takes the record of a resident key back. */
  release(slot: number): void {
    const { ids } = this;
    this.directory[ids[slot]] = NO_SLOT;
    this.meta[slot] = 0;
    ids[slot] = this.free;
    this.free = slot;
  }

  isResident(slot: number): boolean {
    return (this.meta[slot] & RESIDENT) !== 0;
  }

  isVolatile(slot: number): boolean {
    return (this.meta[slot] & VOLATILE) !== 0;
  }

  /** Touches the entries and records of the keys in `[first, last)`: the sum of what stands there. */
  peek(keys: Uint32Array, first: number, last: number): number {
    const { directory, meta, values } = this;
    let sum = 0;
    for (let i = first; i < last; i++) {
      const slot = directory[keys[i]];
      sum = (sum + meta[slot] + values[slot]) | 0;
    }
    return sum;
  }

  /** The same, and when they expire: a column that, without TTLs, would be read for nothing. */
  peekVolatile(keys: Uint32Array, first: number, last: number): number {
    const { directory, meta, values, expiresAtMs } = this;
    let sum = 0;
    for (let i = first; i < last; i++) {
      const slot = directory[keys[i]];
      sum = (sum + meta[slot] + values[slot] + expiresAtMs[slot]) | 0;
    }
    return sum;
  }

  /** Throws InvariantError unless every resident record is the one its key's entry leads to, and no other. O(keys). */
  checkInvariants(): void {
    let listed = 0;
    for (let id = 0; id < this.keyCount; id++) {
      const slot = this.slotOf(id);
      if (slot === NO_SLOT) continue;
      listed++;
      if (!this.isResident(slot) || this.ids[slot] !== id) {
        throw new InvariantError(`key ${id} has slot ${slot}, the record of key ${this.ids[slot]}`);
      }
    }
    let resident = 0;
    for (let slot = 0; slot < this.slotLimit; slot++) if (this.isResident(slot)) resident++;
    if (resident !== listed) {
      throw new InvariantError(`${resident} resident records, ${listed} keys that lead to one`);
    }
  }
}
