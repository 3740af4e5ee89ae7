import type { KeyRecords } from '../../keyspace/key-records.ts';
import { IndexLists } from '../../structures/index-lists.ts';
import { NO_VICTIM, type Policy, type PolicyContext, type PolicyDefinition } from '../policy.ts';
import { checkResidents } from './check-residents.ts';

/**
 * Exact LRU: the key whose last touch (read or write) lies farthest back goes first. What `allkeys-lru` approximates
 * with samples and a clock of whole seconds.
 *
 * Source: Mattson, Gecsei, Slutz, Traiger, "Evaluation techniques for storage hierarchies" (IBM Systems Journal 1970).
 * Cost: O(1) per touch, 8 bytes per resident key. No options, no deviations.
 */
class Lru implements Policy {
  private readonly records: KeyRecords;
  /** The latest touched first. */
  private readonly recency: IndexLists;

  constructor(context: PolicyContext) {
    this.records = context.records;
    this.recency = new IndexLists(context.records.slotLimit);
  }

  onHit(slot: number): void {
    this.recency.moveToFront(0, slot);
  }

  onHits(slots: Int32Array, count: number): void {
    for (let i = 0; i < count; i++) this.recency.moveToFront(0, slots[i]);
  }

  onInsert(slot: number): void {
    this.recency.pushFront(0, slot);
  }

  onRemove(slot: number): void {
    this.recency.remove(slot);
  }

  chooseVictim(): number {
    return this.recency.isEmpty(0) ? NO_VICTIM : this.recency.back(0);
  }

  checkInvariants(): void {
    checkResidents('lru', this.recency.itemsOf(0), this.records);
  }
}

export const lru = {
  name: 'lru',
  family: 'reference',
  summary: 'exact LRU: the key touched longest ago',
  source: 'Mattson et al., IBM Systems Journal 9 (1970)',
  volatileOnly: false,
  needsOwnValueObjects: true,
  create: (context) => new Lru(context),
} satisfies PolicyDefinition;
