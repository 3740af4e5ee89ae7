import type { KeyRecords } from '../../keyspace/key-records.ts';
import { IndexLists } from '../../structures/index-lists.ts';
import { NO_VICTIM, type Policy, type PolicyContext, type PolicyDefinition } from '../policy.ts';
import { checkResidents } from './check-residents.ts';

/**
 * First in, first out: the key that has been resident longest goes first, however much it is used. An overwrite is a
 * use, not an arrival: only a key that was absent goes to the end of the queue.
 *
 * Source: Belady, "A study of replacement algorithms for a virtual-storage computer" (IBM Systems Journal 1966).
 * Cost: O(1), nothing at all per hit; 8 bytes per resident key. No options, no deviations.
 */
class Fifo implements Policy {
  private readonly records: KeyRecords;
  /** The latest arrival first. */
  private readonly arrivals: IndexLists;

  constructor(context: PolicyContext) {
    this.records = context.records;
    this.arrivals = new IndexLists(context.records.slotLimit);
  }

  onHit(): void {
    // However much a key is used, its turn comes.
  }

  onInsert(slot: number): void {
    this.arrivals.pushFront(0, slot);
  }

  onRemove(slot: number): void {
    this.arrivals.remove(slot);
  }

  chooseVictim(): number {
    return this.arrivals.isEmpty(0) ? NO_VICTIM : this.arrivals.back(0);
  }

  checkInvariants(): void {
    checkResidents('fifo', this.arrivals.itemsOf(0), this.records);
  }
}

export const fifo = {
  name: 'fifo',
  family: 'reference',
  summary: 'first in, first out: the key resident longest',
  source: 'Belady, IBM Systems Journal 5 (1966)',
  volatileOnly: false,
  needsOwnValueObjects: true,
  create: (context) => new Fifo(context),
} satisfies PolicyDefinition;
