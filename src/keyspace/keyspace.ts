import { InvariantError } from '../errors.ts';
import type { MemoryAccount } from '../memory/account.ts';
import * as keyFlags from './key-flags.ts';
import type { KeyRecords } from './key-records.ts';
import type { KeyTable } from './key-table.ts';

const { EXPIRY_SLOT, INTEGER, SHARED, VOLATILE } = keyFlags;
const VALUE_FLAGS = INTEGER | SHARED | EXPIRY_SLOT;

/**
 * One database: which keys are resident, which have a TTL, and what they cost. Keeps the two tables, the records and
 * the memory account in step; knows nothing of commands, time or policies. Resident keys go by their slots.
 */
export class Keyspace {
  readonly records: KeyRecords;
  /** All resident keys. */
  readonly main: KeyTable;
  /** The resident keys with a TTL. */
  readonly expires: KeyTable;
  private readonly account: MemoryAccount;

  constructor(records: KeyRecords, main: KeyTable, expires: KeyTable, account: MemoryAccount) {
    this.records = records;
    this.main = main;
    this.expires = expires;
    this.account = account;
  }

  /** A table is on the move: every lookup may move it along. */
  get isRehashing(): boolean {
    return this.main.isRehashing || this.expires.isRehashing;
  }

  /** Makes an absent key resident, with `bytes` charged for it and no TTL; returns its slot. */
  add(id: number, bytes: number): number {
    const { records, account } = this;
    const slot = records.claim(id);
    this.main.insert(slot);
    records.bytes[slot] = bytes | 0;
    account.used += bytes;
    return slot;
  }

  /** Takes a resident key out of both tables and frees its bytes. */
  remove(slot: number): void {
    const { records } = this;
    if (this.expires.size > 0) this.removeFromExpires(slot);
    // Freed before the table asks whether it may shrink.
    this.account.used -= records.bytes[slot];
    this.main.remove(slot);
    records.release(slot);
  }

  private removeFromExpires(slot: number): void {
    const { records, expires } = this;
    if (records.isVolatile(slot)) expires.remove(slot);
    else expires.onLookup(records.ids[slot]);
  }

  /** The value of a resident key: its length, or the number itself. The flags say which, and what slot it has. */
  setValue(slot: number, value: number, flags: number): void {
    const { meta, values } = this.records;
    meta[slot] = (meta[slot] & ~VALUE_FLAGS) | flags;
    values[slot] = value | 0;
  }

  /** Charges `bytes` instead of what a resident key cost before. */
  recharge(slot: number, bytes: number): void {
    this.account.used += bytes - this.records.bytes[slot];
    this.records.bytes[slot] = bytes;
  }

  /** Puts a resident key without a TTL into the expires table. The caller charges the entry. */
  addExpiry(slot: number, expiresAtMs: number): void {
    this.expires.insert(slot);
    this.records.meta[slot] |= VOLATILE;
    this.records.expiresAtMs[slot] = expiresAtMs;
  }

  /** Moves the expiry of a key that has one. */
  moveExpiry(slot: number, expiresAtMs: number): void {
    this.expires.onLookup(this.records.ids[slot]);
    this.records.expiresAtMs[slot] = expiresAtMs;
  }

  /** Takes a volatile key out of the expires table. The caller gives its bytes back. */
  removeExpiry(slot: number): void {
    this.expires.remove(slot);
    this.records.meta[slot] &= ~VOLATILE;
  }

  /** Recounts everything the slow way. Throws InvariantError. O(keys + buckets). */
  checkInvariants(baseBytes: number): void {
    this.records.checkInvariants();
    this.main.checkInvariants();
    this.expires.checkInvariants();
    let resident = 0;
    let volatileKeys = 0;
    let bytes = baseBytes + this.main.bytes + this.expires.bytes;
    for (let slot = 0; slot < this.records.slotLimit; slot++) {
      if (!this.records.isResident(slot)) continue;
      resident++;
      if (this.records.isVolatile(slot)) volatileKeys++;
      bytes += this.records.bytes[slot];
    }
    if (resident !== this.main.size || volatileKeys !== this.expires.size) {
      throw new InvariantError(
        `${resident} resident and ${volatileKeys} volatile records, ${this.main.size} and ${this.expires.size} in the tables`,
      );
    }
    if (bytes !== this.account.used) {
      throw new InvariantError(
        `recount finds ${bytes} bytes, the account says ${this.account.used}`,
      );
    }
  }
}
