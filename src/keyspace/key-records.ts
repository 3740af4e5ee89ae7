import { InvariantError } from '../errors.ts';
import * as keyFlags from './key-flags.ts';
import type { Kernel } from './kernel.ts';

const { NO_SLOT, RESIDENT, VOLATILE } = keyFlags;

/**
 * The records of the resident keys, and the directory that says where each key's record is, in the kernel's memory. A key
 * that becomes resident gets the slot that was given back last, so what a replay touches is as small as what is resident,
 * however many keys the trace has: memory of slots never used is never touched. 5 bytes per key, 32 per resident one.
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
  private readonly kernel: Kernel;

  constructor(kernel: Kernel) {
    const { keyCount } = kernel;
    this.kernel = kernel;
    this.keyCount = keyCount;
    this.slotLimit = keyCount + 1;
    this.directory = kernel.int32s(kernel.place('directory'), keyCount);
    this.meta = kernel.int32s(kernel.place('meta'), this.slotLimit);
    this.ids = kernel.int32s(kernel.place('ids'), this.slotLimit);
    this.bytes = kernel.int32s(kernel.place('bytes'), this.slotLimit);
    this.values = kernel.int32s(kernel.place('values'), this.slotLimit);
    this.mainLinks = kernel.int32s(kernel.place('mainLinks'), this.slotLimit);
    this.expiresLinks = kernel.int32s(kernel.place('expiresLinks'), this.slotLimit);
    this.expiresAtMs = kernel.float64s(kernel.place('expiresAtMs'), this.slotLimit);
  }

  /** Where the record of a key is; NO_SLOT when it is not resident. */
  slotOf(id: number): number {
    return this.directory[id];
  }

  /** Gives an absent key a record, marked resident; returns its slot. The caller fills it. */
  claim(id: number): number {
    return this.kernel.calls.claim(id);
  }

  /** Takes the record of a resident key back. */
  release(slot: number): void {
    this.kernel.calls.release(slot);
  }

  isResident(slot: number): boolean {
    return (this.meta[slot] & RESIDENT) !== 0;
  }

  isVolatile(slot: number): boolean {
    return (this.meta[slot] & VOLATILE) !== 0;
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
