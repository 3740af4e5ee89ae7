import { InvariantError } from '../../errors.ts';
import type { KeyRecords } from '../../keyspace/key-records.ts';
import { IndexLists, NO_ITEM } from '../../structures/index-lists.ts';
import { NO_VICTIM, type Policy, type PolicyContext, type PolicyDefinition } from '../policy.ts';
import { checkResidents } from './check-residents.ts';

/**
 * SIEVE: a queue in order of insertion, one bit per key for "touched", and a hand that goes from the oldest key to the
 * newest and round again. It clears the bits of touched keys, which stay where they are, and takes the first untouched
 * one. The hand stays where it stopped, so that new keys are tried sooner than survivors.
 *
 * Source: Zhang, Yang, Yue, Vigfusson, Rashmi, "SIEVE is simpler than LRU: an efficient turn-key eviction algorithm for
 * web caches" (NSDI 2024), algorithm 1.
 * Cost: a hit sets a bit; a victim costs the touched keys the hand passes; 9 bytes per resident key. No options.
 * Deviation: none. A key that is deleted or expires under the hand leaves it at the next newer key, as an evicted one.
 */
class Sieve implements Policy {
  private readonly records: KeyRecords;
  /** The latest arrival first. */
  private readonly arrivals: IndexLists;
  private readonly touched: Uint8Array;
  /** The next key to be tried; NO_ITEM: the oldest. */
  private hand = NO_ITEM;

  constructor(context: PolicyContext) {
    this.records = context.records;
    this.arrivals = new IndexLists(context.records.slotLimit);
    this.touched = new Uint8Array(context.records.slotLimit);
  }

  onHit(slot: number): void {
    this.touched[slot] = 1;
  }

  onInsert(slot: number): void {
    this.touched[slot] = 0;
    this.arrivals.pushFront(0, slot);
  }

  onRemove(slot: number): void {
    if (slot === this.hand) this.hand = this.arrivals.ahead(slot);
    this.arrivals.remove(slot);
  }

  chooseVictim(): number {
    const { arrivals, touched } = this;
    if (arrivals.isEmpty(0)) return NO_VICTIM;
    let slot = this.hand === NO_ITEM ? arrivals.back(0) : this.hand;
    while (touched[slot] !== 0) {
      touched[slot] = 0;
      slot = arrivals.ahead(slot);
      if (slot === NO_ITEM) slot = arrivals.back(0);
    }
    this.hand = slot;
    return slot;
  }

  checkInvariants(): void {
    checkResidents('sieve', this.arrivals.itemsOf(0), this.records);
    if (this.hand !== NO_ITEM && !this.records.isResident(this.hand)) {
      throw new InvariantError(`sieve: the hand is at key ${this.hand}, which is not resident`);
    }
  }
}

export const sieve = {
  name: 'sieve',
  family: 'reference',
  summary: 'SIEVE: FIFO with a hand that spares the keys touched since it last passed',
  source: 'Zhang et al., NSDI 2024, algorithm 1',
  volatileOnly: false,
  needsOwnValueObjects: true,
  create: (context) => new Sieve(context),
} satisfies PolicyDefinition;
