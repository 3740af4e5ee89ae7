import { InvariantError } from '../errors.ts';
import * as keyFlags from '../keyspace/key-flags.ts';
import type { KeyRecords } from '../keyspace/key-records.ts';
import type { Keyspace } from '../keyspace/keyspace.ts';
import type { MemoryAccount } from '../memory/account.ts';
import * as policies from '../policies/policy.ts';
import type { Policy, RemovalReason, ServerClock } from '../policies/policy.ts';
import type { CommandMemory } from './command-memory.ts';
import { type EngineCounters, zeroCounters } from './counters.ts';

const { EXPIRY_SLOT, INTEGER, NO_SLOT } = keyFlags;
const { REMOVED_BY_COMMAND, REMOVED_BY_EVICTION, REMOVED_BY_EXPIRY } = policies;

/**
 * The server's database: what a command does to a key once it is allowed to run. Keeps keyspace, memory, policy and
 * counters in step, with the lookups the server makes on the way (each may move a rehash along).
 */
export class Database {
  readonly counters: EngineCounters = zeroCounters();
  readonly keyspace: Keyspace;
  private readonly records: KeyRecords;
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
    this.account = account;
    this.memory = memory;
    this.clock = clock;
    this.policy = policy;
  }

  /**
   * Looks a key up as every command but DEL does: an expired one is deleted, a live one touched. Its slot if it lives,
   * else NO_SLOT.
   */
  touch(id: number): number {
    this.keyspace.main.onLookup(id);
    const slot = this.liveSlotOf(id);
    if (slot !== NO_SLOT) this.policy.onHit(slot);
    return slot;
  }

  /** Where the key is if it is there for commands, else NO_SLOT; deletes it first if it has expired. */
  private liveSlotOf(id: number): number {
    const slot = this.records.slotOf(id);
    return slot === NO_SLOT ? NO_SLOT : this.unlessExpired(id, slot);
  }

  private unlessExpired(id: number, slot: number): number {
    const { records } = this;
    if (this.keyspace.expires.size > 0) this.keyspace.expires.onLookup(id);
    if (!records.isVolatile(slot) || this.clock.nowMs <= records.expiresAtMs[slot]) return slot;
    this.expire(slot);
    return NO_SLOT;
  }

  /** Length of a resident key's value as it would be sent. */
  valueLength(slot: number): number {
    const { meta, values } = this.records;
    return meta[slot] & INTEGER ? String(values[slot]).length : values[slot];
  }

  /** The number a key counts, 0 if it holds a string or nothing. */
  integerOf(slot: number): number {
    const { meta, values } = this.records;
    return meta[slot] & INTEGER ? values[slot] : 0;
  }

  /** Makes an absent key resident with a value: its length, or the number itself, as the record flags say. */
  insert(id: number, value: number, flags: number): number {
    const { keyspace, memory, counters } = this;
    counters.storedValues++;
    this.account.transient += memory.keyCopy(id);
    const slot = keyspace.add(id, memory.entry(id, value, flags));
    this.policy.onInsert(slot);
    keyspace.setValue(slot, value, flags);
    return slot;
  }

  /** Gives a resident key another value. Its TTL stays until the command says otherwise. */
  overwrite(slot: number, value: number, flags: number, keepsTtl: boolean): void {
    const { keyspace, memory, counters } = this;
    const { ids, values, meta } = this.records;
    const id = ids[slot];
    counters.storedValues++;
    counters.overwrittenValues++;
    keyspace.main.onLookup(id);
    const slotFlag = memory.slotAfterOverwrite(
      id,
      values[slot],
      meta[slot],
      value,
      flags,
      keepsTtl,
    );
    keyspace.recharge(slot, memory.entry(id, value, flags | slotFlag));
    this.policy.onModify?.(slot);
    keyspace.setValue(slot, value, flags | slotFlag);
  }

  /** Makes a resident key expire at unix time `expiresAtMs`. */
  giveTtl(slot: number, expiresAtMs: number): void {
    const { keyspace, records } = this;
    keyspace.main.onLookup(records.ids[slot]);
    this.policy.onModify?.(slot);
    if (records.isVolatile(slot)) {
      keyspace.moveExpiry(slot, expiresAtMs);
      return;
    }
    keyspace.addExpiry(slot, expiresAtMs);
    if (records.meta[slot] & EXPIRY_SLOT) return;
    records.meta[slot] |= EXPIRY_SLOT;
    this.recharge(slot);
  }

  /** Makes a resident key last; true if it had a TTL. */
  dropTtl(slot: number): boolean {
    const { keyspace, records } = this;
    const id = records.ids[slot];
    keyspace.main.onLookup(id);
    if (!records.isVolatile(slot)) {
      if (keyspace.expires.size > 0) keyspace.expires.onLookup(id);
      return false;
    }
    keyspace.removeExpiry(slot);
    this.policy.onModify?.(slot);
    if (this.memory.slotGoesWithTtl) {
      records.meta[slot] &= ~EXPIRY_SLOT;
      this.recharge(slot);
    }
    return true;
  }

  /** Charges for a key what it costs as its record now is. */
  private recharge(slot: number): void {
    const { ids, values, meta } = this.records;
    this.keyspace.recharge(slot, this.memory.entry(ids[slot], values[slot], meta[slot]));
  }

  /** DEL: true if a live key was there. */
  delete(id: number): boolean {
    const slot = this.liveSlotOf(id);
    if (slot === NO_SLOT) return false;
    this.counters.deletedKeys++;
    this.remove(slot, REMOVED_BY_COMMAND);
    return true;
  }

  evict(slot: number): void {
    this.counters.evictedKeys++;
    this.remove(slot, REMOVED_BY_EVICTION);
  }

  expire(slot: number): void {
    this.counters.expiredKeys++;
    this.remove(slot, REMOVED_BY_EXPIRY);
  }

  private remove(slot: number, reason: RemovalReason): void {
    this.policy.onRemove(slot, reason);
    this.keyspace.remove(slot);
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
