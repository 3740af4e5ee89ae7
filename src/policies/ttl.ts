import type { KeyRecords } from '../keyspace/key-records.ts';
import type { PolicyContext, PolicyDefinition } from './policy.ts';
import { type Ranking, SampledPolicy } from './sampled.ts';

/** Sooner expiry first, to the millisecond. Accesses leave no trace in it. */
class TimeToLive implements Ranking {
  private readonly records: KeyRecords;

  constructor(context: PolicyContext) {
    this.records = context.records;
  }

  onHit(): void {}

  onHits(): void {}

  onInsert(): void {}

  score(slots: Int32Array, count: number, scores: Float64Array): void {
    const { expiresAtMs } = this.records;
    for (let i = 0; i < count; i++) scores[i] = -expiresAtMs[slots[i]];
  }
}

export const volatileTtl = {
  name: 'volatile-ttl',
  family: 'server',
  summary:
    'the soonest to expire of a few sampled keys with a TTL; writes fail when there are none',
  source: 'evict.c, evictionPoolPopulate',
  volatileOnly: true,
  needsOwnValueObjects: false,
  create: (context) => new SampledPolicy(context, new TimeToLive(context), true, false),
} satisfies PolicyDefinition;
