import * as keyFlags from '../keyspace/key-flags.ts';
import type { PolicyContext, PolicyDefinition, ServerClock } from './policy.ts';
import { type Ranking, SampledPolicy } from './sampled.ts';

const { ACCESS_MASK } = keyFlags;

/** The LRU clock counts seconds in 24 bits: it wraps every 194 days. */
export const LRU_CLOCK_MAX = ACCESS_MASK;

/** Idle time by the server's cached clock, in whole seconds. */
export class IdleTime implements Ranking {
  private readonly meta: Int32Array;
  private readonly clock: ServerClock;

  constructor(context: PolicyContext) {
    this.meta = context.records.meta;
    this.clock = context.clock;
  }

  onHit(slot: number): void {
    this.meta[slot] = (this.meta[slot] & ~ACCESS_MASK) | this.clock.lruSeconds;
  }

  onHits(slots: Int32Array, count: number): void {
    const { meta } = this;
    const { lruSeconds } = this.clock;
    for (let i = 0; i < count; i++) meta[slots[i]] = (meta[slots[i]] & ~ACCESS_MASK) | lruSeconds;
  }

  onInsert(slot: number): void {
    this.onHit(slot);
  }

  score(slots: Int32Array, count: number, scores: Float64Array): void {
    const { meta } = this;
    const { lruSeconds } = this.clock;
    for (let i = 0; i < count; i++) scores[i] = idleSeconds(meta[slots[i]], lruSeconds);
  }

  scoreOf(slot: number): number {
    return idleSeconds(this.meta[slot], this.clock.lruSeconds);
  }
}

function idleSeconds(meta: number, now: number): number {
  const then = meta & ACCESS_MASK;
  // After a wrap the server adds one second too few; nobody notices, and neither do we.
  return now >= then ? now - then : now + (LRU_CLOCK_MAX - then);
}

const shared = {
  family: 'server',
  needsOwnValueObjects: true,
  source: 'evict.c, estimateObjectIdleTime and evictionPoolPopulate',
} as const;

export const allkeysLru = {
  ...shared,
  name: 'allkeys-lru',
  summary: 'the longest idle of a few sampled keys, by a clock of whole seconds',
  volatileOnly: false,
  create: (context) => new SampledPolicy(context, new IdleTime(context), false, false),
} satisfies PolicyDefinition;

export const volatileLru = {
  ...shared,
  name: 'volatile-lru',
  summary: 'allkeys-lru among the keys with a TTL; writes fail when there are none',
  volatileOnly: true,
  create: (context) => new SampledPolicy(context, new IdleTime(context), true, true),
} satisfies PolicyDefinition;
