import { NO_SLOT } from '../../../src/keyspace/key-flags.ts';
import type { KeyRecords } from '../../../src/keyspace/key-records.ts';
import { Keyspace } from '../../../src/keyspace/keyspace.ts';
import {
  NO_VICTIM,
  type Policy,
  type PolicyContext,
  type PolicyDefinition,
  REMOVED_BY_EVICTION,
  type RemovalReason,
  type ServerClock,
} from '../../../src/policies/policy.ts';
import { redis70 } from '../../../src/servers/redis-7.0.ts';
import type { Trace } from '../../../src/trace/trace.ts';
import { kernelFor } from '../../reference/kernel-for.ts';

/**
 * The least server that can drive a policy: a real keyspace, no commands, no time and no memory limit of its own. Tests
 * say what happens; it calls the policy in the order the engine does.
 */
export class TinyServer {
  readonly records: KeyRecords;
  readonly keyspace: Keyspace;
  readonly clock: ServerClock = { nowMs: 0, lruSeconds: 0, lfuMinutes: 0, row: 0 };
  readonly policy: Policy;
  hits = 0;

  constructor(definition: PolicyDefinition, keyCount: number, trace?: Trace) {
    const { kernel, account } = kernelFor(keyCount, { round: (bytes) => bytes });
    const parts = { kernel, hashSeed: 0 };
    const main = redis70.createTable('main', parts);
    const expires = redis70.createTable('expires', parts);
    this.keyspace = new Keyspace(kernel, { main, expires }, account);
    this.records = this.keyspace.records;
    const context: PolicyContext = {
      keyspace: this.keyspace,
      records: this.records,
      clock: this.clock,
      settings: { maxmemorySamples: 5, lfuLogFactor: 10, lfuDecayTime: 1 },
      profile: redis70,
      ...(trace && { trace }),
    };
    this.policy = definition.create(context);
  }

  get residents(): number {
    return this.keyspace.main.size;
  }

  has(id: number): boolean {
    return this.records.slotOf(id) !== NO_SLOT;
  }

  /** A lookup: a touch if the key is there. */
  get(id: number): boolean {
    if (!this.has(id)) return false;
    this.policy.onHit(this.records.slotOf(id));
    this.hits++;
    return true;
  }

  /** A write: as in the engine the policy hears of it before an overwrite changes the size. */
  set(id: number, bytes: number, expiresAtMs?: number): void {
    let slot = this.records.slotOf(id);
    if (slot !== NO_SLOT) {
      this.policy.onHit(slot);
      this.keyspace.recharge(slot, bytes);
      if (this.records.isVolatile(slot)) this.keyspace.removeExpiry(slot);
    } else {
      slot = this.keyspace.add(id, bytes);
      this.policy.onInsert(slot);
    }
    if (expiresAtMs !== undefined) this.keyspace.addExpiry(slot, expiresAtMs);
  }

  /** A key goes for another reason than eviction, if it is there. */
  remove(id: number, reason: RemovalReason): void {
    const slot = this.records.slotOf(id);
    if (slot === NO_SLOT) return;
    this.policy.onRemove(slot, reason);
    this.keyspace.remove(slot);
  }

  /** Evicts the policy's victim and names it; NO_VICTIM when there is none. */
  evict(): number {
    const victim = this.victim();
    if (victim !== NO_VICTIM) this.remove(victim, REMOVED_BY_EVICTION);
    return victim;
  }

  /** The key that the policy would evict next; NO_VICTIM when there is none. */
  victim(): number {
    const slot = this.policy.chooseVictim();
    return slot === NO_VICTIM ? NO_VICTIM : this.records.ids[slot];
  }

  /** Look-aside with room for `capacity` keys of one byte: room is made before a missing key is inserted. */
  lookAside(id: number, capacity: number): boolean {
    if (this.get(id)) return true;
    while (this.residents >= capacity) this.evict();
    this.set(id, 1);
    return false;
  }
}
