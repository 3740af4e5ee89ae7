import type { KeyRecords } from '../../keyspace/key-records.ts';
import { KernelPolicy } from '../kernel-policy.ts';
import type { PolicyContext, PolicyDefinition } from '../policy.ts';
import { checkResidents } from './check-residents.ts';

/**
 * Exact LRU: the key whose last touch (read or write) lies farthest back goes first. What `allkeys-lru` approximates
 * with samples and a clock of whole seconds.
 *
 * Source: Mattson, Gecsei, Slutz, Traiger, "Evaluation techniques for storage hierarchies" (IBM Systems Journal 1970).
 * Cost: O(1) per touch, 8 bytes per resident key. No options, no deviations.
 */
class Lru extends KernelPolicy {
  private readonly records: KeyRecords;
  /** By slot, two words: the next older and the next younger key's; those of slot 0 close the ring (src/kernel/recency.ts). */
  private readonly links: Int32Array;

  constructor(context: PolicyContext) {
    super(context, 'recency', { volatileOnly: false });
    const { calls, keyCount } = this.kernel;
    this.records = context.records;
    this.links = this.kernel.int32s(calls.allocateRecency(keyCount), 2 * (keyCount + 1));
  }

  checkInvariants(): void {
    const { links, records } = this;
    const members: number[] = [];
    // A ring that is broken may never end.
    for (
      let slot = links[0];
      slot !== 0 && members.length < records.slotLimit;
      slot = links[2 * slot]
    ) {
      members.push(slot);
    }
    checkResidents('lru', members, records);
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
