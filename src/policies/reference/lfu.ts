import type { KeyRecords } from '../../keyspace/key-records.ts';
import { FrequencyLists } from '../../structures/frequency-lists.ts';
import { NO_ITEM } from '../../structures/index-lists.ts';
import { NO_VICTIM, type Policy, type PolicyContext, type PolicyDefinition } from '../policy.ts';
import { checkResidents } from './check-residents.ts';

/**
 * Exact LFU of the resident keys ("in-cache LFU"): the key touched least often since it became resident goes first,
 * among equals the one touched longest ago. Insertion counts as the first touch. A key's count is lost when it leaves,
 * by eviction as by deletion or expiry, and never decays: a key once popular stays. What `allkeys-lfu` approximates
 * with samples and an 8-bit logarithmic counter that does decay.
 *
 * Source: Shah, Mitra, Matani, "An O(1) algorithm for implementing the LFU cache eviction scheme" (2010).
 * Cost: O(1) per touch, at most 40 bytes per resident key. No options. Deviation: the paper leaves ties open.
 */
class Lfu implements Policy {
  private readonly records: KeyRecords;
  private readonly counts: FrequencyLists;

  constructor(context: PolicyContext) {
    this.records = context.records;
    this.counts = new FrequencyLists(context.records.slotLimit);
  }

  onHit(slot: number): void {
    this.counts.increment(slot);
  }

  onInsert(slot: number): void {
    this.counts.add(slot);
  }

  onRemove(slot: number): void {
    this.counts.remove(slot);
  }

  chooseVictim(): number {
    const least = this.counts.least();
    return least === NO_ITEM ? NO_VICTIM : least;
  }

  checkInvariants(): void {
    checkResidents('lfu', this.counts.items(), this.records);
  }
}

export const lfu = {
  name: 'lfu',
  family: 'reference',
  summary: 'exact LFU of the resident keys: least touches since insertion, then longest ago',
  source:
    'Shah, Mitra, Matani, "An O(1) algorithm for implementing the LFU cache eviction scheme" (2010)',
  volatileOnly: false,
  needsOwnValueObjects: true,
  create: (context) => new Lfu(context),
} satisfies PolicyDefinition;
