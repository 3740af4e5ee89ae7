import { IdleTime } from './lru.ts';
import type { PolicyContext, PolicyDefinition } from './policy.ts';
import { type Ranking, SampledPolicy } from './sampled.ts';

/** Time since a key was last modified, by the clock of lru. Reads leave no trace in it. */
class ModificationTime implements Ranking {
  private readonly time: IdleTime;

  constructor(context: PolicyContext) {
    this.time = new IdleTime(context);
  }

  onHit(): void {}

  onHits(): void {}

  onInsert(slot: number): void {
    this.time.onHit(slot);
  }

  onModify(slot: number): void {
    this.time.onHit(slot);
  }

  score(slots: Int32Array, count: number, scores: Float64Array): void {
    this.time.score(slots, count, scores);
  }
}

const shared = {
  family: 'server',
  needsOwnValueObjects: true,
  source: 'Redis 8.6, pull request 14624; measured (docs/model.md, which key goes)',
} as const;

export const allkeysLrm = {
  ...shared,
  name: 'allkeys-lrm',
  summary: 'the longest unmodified of a few sampled keys, by a clock of whole seconds',
  volatileOnly: false,
  create: (context) => new SampledPolicy(context, new ModificationTime(context), false, false),
} satisfies PolicyDefinition;

export const volatileLrm = {
  ...shared,
  name: 'volatile-lrm',
  summary: 'allkeys-lrm among the keys with a TTL; writes fail when there are none',
  volatileOnly: true,
  create: (context) => new SampledPolicy(context, new ModificationTime(context), true, true),
} satisfies PolicyDefinition;
