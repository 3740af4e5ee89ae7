import { InvariantError } from '../errors.ts';
import type { MemoryAccount } from '../memory/account.ts';
import {
  BYTES,
  EXPIRES_AT,
  EXPIRY_SLOT,
  INTEGER,
  type KeyRecords,
  RECORD_SHIFT,
  RESIDENT,
  SHARED,
  VALUE,
  VOLATILE,
} from './key-records.ts';
import type { KeyTable } from './key-table.ts';

/**
 * One database: which keys are resident, which have a TTL, and what they cost. Keeps the two tables, the records and
 * the memory account in step; knows nothing of commands, time or policies.
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

  /** Makes an absent key resident, with `bytes` charged for it and no TTL. */
  add(id: number, bytes: number): void {
    const { words } = this.records;
    const at = id << RECORD_SHIFT;
    words[at] = RESIDENT;
    this.main.insert(id);
    words[at + BYTES] = bytes;
    this.account.used += bytes;
  }

  /** Takes a resident key out of both tables and frees its bytes. */
  remove(id: number): void {
    const { words } = this.records;
    const at = id << RECORD_SHIFT;
    if (this.expires.size > 0) {
      if (words[at] & VOLATILE) this.expires.remove(id);
      else this.expires.onLookup(id);
    }
    // Freed before the table asks whether it may shrink.
    this.account.used -= words[at + BYTES];
    this.main.remove(id);
    words[at] = 0;
  }

  /** The value of a resident key: its length, or the number itself. The flags say which, and what slot it has. */
  setValue(id: number, value: number, flags: number): void {
    const { words } = this.records;
    const at = id << RECORD_SHIFT;
    words[at] = (words[at] & ~(INTEGER | SHARED | EXPIRY_SLOT)) | flags;
    words[at + VALUE] = value;
  }

  /** Charges `bytes` instead of what a resident key cost before. */
  recharge(id: number, bytes: number): void {
    const at = (id << RECORD_SHIFT) + BYTES;
    this.account.used += bytes - this.records.words[at];
    this.records.words[at] = bytes;
  }

  /** Puts a resident key without a TTL into the expires table. The caller charges the entry. */
  addExpiry(id: number, expiresAtMs: number): void {
    this.expires.insert(id);
    this.records.words[id << RECORD_SHIFT] |= VOLATILE;
    this.records.expiresAtMs[(id << 2) + EXPIRES_AT] = expiresAtMs;
  }

  /** Moves the expiry of a key that has one. */
  moveExpiry(id: number, expiresAtMs: number): void {
    this.expires.onLookup(id);
    this.records.expiresAtMs[(id << 2) + EXPIRES_AT] = expiresAtMs;
  }

  /** Takes a volatile key out of the expires table. The caller gives its bytes back. */
  removeExpiry(id: number): void {
    this.expires.remove(id);
    this.records.words[id << RECORD_SHIFT] &= ~VOLATILE;
  }

  /** Recounts everything the slow way. Throws InvariantError. O(keys + buckets). */
  checkInvariants(baseBytes: number): void {
    this.main.checkInvariants();
    this.expires.checkInvariants();
    let resident = 0;
    let volatileKeys = 0;
    let bytes = baseBytes + this.main.bytes + this.expires.bytes;
    for (let id = 0; id < this.records.keyCount; id++) {
      if (!this.records.isResident(id)) continue;
      resident++;
      if (this.records.isVolatile(id)) volatileKeys++;
      bytes += this.records.bytesOf(id);
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
