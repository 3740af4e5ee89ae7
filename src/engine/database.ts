import { InvariantError } from '../errors.ts';
import {
  EXPIRY_SLOT,
  INTEGER,
  type KeyRecords,
  RECORD_SHIFT,
  RESIDENT,
  VALUE,
  VOLATILE,
} from '../keyspace/key-records.ts';
import type { Keyspace } from '../keyspace/keyspace.ts';
import type { MemoryAccount } from '../memory/account.ts';
import {
  type Policy,
  REMOVED_BY_COMMAND,
  REMOVED_BY_EVICTION,
  REMOVED_BY_EXPIRY,
  type RemovalReason,
  type ServerClock,
} from '../policies/policy.ts';
import type { CommandMemory } from './command-memory.ts';
import { type EngineCounters, zeroCounters } from './counters.ts';

/**
 * The server's database: what a command does to a key once it is allowed to run. Keeps keyspace, memory, policy and
 * counters in step, with the lookups the server makes on the way (each may move a rehash along).
 */
export class Database {
  readonly counters: EngineCounters = zeroCounters();
  readonly keyspace: Keyspace;
  private readonly records: KeyRecords;
  private readonly words: Int32Array;
  private readonly account: MemoryAccount;
  private readonly memory: CommandMemory;
  private readonly clock: ServerClock;
  private readonly policy: Policy;

  constructor(
    keyspace: Keyspace,
    account: MemoryAccount,
    memory: CommandMemory,
    clock: ServerClock,
    policy: Policy,
  ) {
    this.keyspace = keyspace;
    this.records = keyspace.records;
    this.words = keyspace.records.words;
    this.account = account;
    this.memory = memory;
    this.clock = clock;
    this.policy = policy;
  }

  /** Looks a key up as every command but DEL does: an expired one is deleted, a live one touched. True if it lives. */
  touch(id: number): boolean {
    this.keyspace.main.onLookup(id);
    if (!this.isAlive(id)) return false;
    this.policy.onHit(id);
    return true;
  }

  /** True if the key is there for commands; deletes it first if it has expired. */
  private isAlive(id: number): boolean {
    const flags = this.words[id << RECORD_SHIFT];
    if ((flags & RESIDENT) === 0) return false;
    if (this.keyspace.expires.size > 0) this.keyspace.expires.onLookup(id);
    if ((flags & VOLATILE) === 0 || this.clock.nowMs <= this.records.expiryOf(id)) return true;
    this.expire(id);
    return false;
  }

  /** Length of a resident key's value as it would be sent. */
  valueLength(id: number): number {
    const at = id << RECORD_SHIFT;
    const value = this.words[at + VALUE];
    return this.words[at] & INTEGER ? String(value).length : value;
  }

  /** The number a key counts, 0 if it holds a string or nothing. */
  integerOf(id: number): number {
    const at = id << RECORD_SHIFT;
    return this.words[at] & INTEGER ? this.words[at + VALUE] : 0;
  }

  /** Gives a key a new value: its length, or the number itself, as the record flags say. TTLs stay. */
  store(id: number, value: number, flags: number, exists: boolean, keepsTtl: boolean): void {
    const { keyspace, memory, counters, words } = this;
    const at = id << RECORD_SHIFT;
    let flagsThen = flags;
    counters.storedValues++;
    if (exists) {
      counters.overwrittenValues++;
      keyspace.main.onLookup(id);
      flagsThen |= memory.slotAfterOverwrite(
        id,
        words[at + VALUE],
        words[at],
        value,
        flags,
        keepsTtl,
      );
      keyspace.recharge(id, memory.entry(id, value, flagsThen));
      this.policy.onModify?.(id);
    } else {
      this.account.transient += memory.keyCopy(id);
      keyspace.add(id, memory.entry(id, value, flags));
      this.policy.onInsert(id);
    }
    keyspace.setValue(id, value, flagsThen);
  }

  /** Makes a resident key expire at unix time `expiresAtMs`. */
  giveTtl(id: number, expiresAtMs: number): void {
    const { keyspace, records } = this;
    keyspace.main.onLookup(id);
    this.policy.onModify?.(id);
    if (records.isVolatile(id)) {
      keyspace.moveExpiry(id, expiresAtMs);
      return;
    }
    keyspace.addExpiry(id, expiresAtMs);
    const at = id << RECORD_SHIFT;
    if (this.words[at] & EXPIRY_SLOT) return;
    this.words[at] |= EXPIRY_SLOT;
    this.recharge(id);
  }

  /** Makes a resident key last; true if it had a TTL. */
  dropTtl(id: number): boolean {
    const { keyspace, records } = this;
    keyspace.main.onLookup(id);
    if (!records.isVolatile(id)) {
      if (keyspace.expires.size > 0) keyspace.expires.onLookup(id);
      return false;
    }
    keyspace.removeExpiry(id);
    this.policy.onModify?.(id);
    if (this.memory.slotGoesWithTtl) {
      this.words[id << RECORD_SHIFT] &= ~EXPIRY_SLOT;
      this.recharge(id);
    }
    return true;
  }

  /** Charges for a key what it costs as its record now is. */
  private recharge(id: number): void {
    const at = id << RECORD_SHIFT;
    this.keyspace.recharge(id, this.memory.entry(id, this.words[at + VALUE], this.words[at]));
  }

  /** DEL: true if a live key was there. */
  delete(id: number): boolean {
    if (!this.isAlive(id)) return false;
    this.counters.deletedKeys++;
    this.remove(id, REMOVED_BY_COMMAND);
    return true;
  }

  evict(id: number): void {
    this.counters.evictedKeys++;
    this.remove(id, REMOVED_BY_EVICTION);
  }

  expire(id: number): void {
    this.counters.expiredKeys++;
    this.remove(id, REMOVED_BY_EXPIRY);
  }

  private remove(id: number, reason: RemovalReason): void {
    this.policy.onRemove(id, reason);
    this.keyspace.remove(id);
  }

  /** What was stored is resident or counted as gone. Throws InvariantError. */
  checkInvariants(): void {
    const { storedValues, overwrittenValues, deletedKeys, evictedKeys, expiredKeys } =
      this.counters;
    const gone = overwrittenValues + deletedKeys + evictedKeys + expiredKeys;
    const resident = this.keyspace.main.size;
    if (storedValues !== resident + gone) {
      throw new InvariantError(`stored ${storedValues}, but ${resident} resident + ${gone} gone`);
    }
  }
}
