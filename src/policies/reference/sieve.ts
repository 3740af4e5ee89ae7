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
 * Cost: a hit sets a bit; a victim costs the touched keys the hand passes; 9 bytes per key of the trace. No options.
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
    this.arrivals = new IndexLists(context.records.keyCount);
    this.touched = new Uint8Array(context.records.keyCount);
  }

  onHit(id: number): void {
    this.touched[id] = 1;
  }

  onInsert(id: number): void {
    this.touched[id] = 0;
    this.arrivals.pushFront(0, id);
  }

  onRemove(id: number): void {
    if (id === this.hand) this.hand = this.arrivals.ahead(id);
    this.arrivals.remove(id);
  }

  chooseVictim(): number {
    const { arrivals, touched } = this;
    if (arrivals.isEmpty(0)) return NO_VICTIM;
    let id = this.hand === NO_ITEM ? arrivals.back(0) : this.hand;
    while (touched[id] !== 0) {
      touched[id] = 0;
      id = arrivals.ahead(id);
      if (id === NO_ITEM) id = arrivals.back(0);
    }
    this.hand = id;
    return id;
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
