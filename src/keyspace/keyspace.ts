import { InvariantError } from '../errors.ts';
import type { MemoryAccount } from '../memory/account.ts';
import { KeyRecords } from './key-records.ts';
import type { KernelTable } from './kernel-table.ts';
import type { Kernel } from './kernel.ts';

/**
 * One database: which keys are resident, which have a TTL, and what they cost. Keeps the two tables, the records and
 * the memory account in step; knows nothing of commands, time or policies. Resident keys go by their slots.
 */
export class Keyspace {
  readonly records: KeyRecords;
  /** All resident keys. */
  readonly main: KernelTable;
  /** The resident keys with a TTL. */
  readonly expires: KernelTable;
  readonly kernel: Kernel;
  private readonly account: MemoryAccount;

  constructor(
    kernel: Kernel,
    tables: { readonly main: KernelTable; readonly expires: KernelTable },
    account: MemoryAccount,
  ) {
    this.kernel = kernel;
    this.records = new KeyRecords(kernel);
    this.main = tables.main;
    this.expires = tables.expires;
    this.account = account;
    kernel.calls.setTables(tables.main.address, tables.expires.address);
  }

  /** A table is on the move: every lookup may move it along. */
  get isRehashing(): boolean {
    return this.main.isRehashing || this.expires.isRehashing;
  }

  /** Makes an absent key resident, with `bytes` charged for it, a value (its length, or the number itself, as the flags say) and no TTL; returns its slot. */
  add(id: number, bytes: number, value = 0, flags = 0): number {
    return this.kernel.calls.addKey(id, bytes, value, flags);
  }

  /** Takes a resident key out of both tables and frees its bytes. */
  remove(slot: number): void {
    this.kernel.calls.removeKey(slot);
  }

  /** Charges `bytes` instead of what a resident key cost before. */
  recharge(slot: number, bytes: number): void {
    this.kernel.calls.rechargeKey(slot, bytes);
  }

  /** Puts a resident key without a TTL into the expires table. The caller charges the entry. */
  addExpiry(slot: number, expiresAtMs: number): void {
    this.kernel.calls.addExpiry(slot, expiresAtMs);
  }

  /** Takes a volatile key out of the expires table. The caller gives its bytes back. */
  removeExpiry(slot: number): void {
    this.kernel.calls.removeExpiry(slot);
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
