import * as keyFlags from '../keyspace/key-flags.ts';
import type { Random } from '../random.ts';
import * as lfuCounter from './lfu-counter.ts';
import type { PolicyContext, PolicyDefinition, ServerClock } from './policy.ts';
import { type Ranking, SampledPolicy } from './sampled.ts';

const { ACCESS_MASK } = keyFlags;
const { decayedCounter, incrementProbability, LFU_INITIAL, LFU_MAX, MINUTES_MASK } = lfuCounter;

/** An 8-bit logarithmic counter (low bits) and the minute it was last decayed (next 16 bits). */
class AccessFrequency implements Ranking {
  private readonly meta: Int32Array;
  private readonly clock: ServerClock;
  private readonly random: Random;
  private readonly decayTime: number;
  /** By counter, the chance that a hit raises it. */
  private readonly chances: Float64Array;
  private readonly scoreStoresDecay: boolean;

  constructor(context: PolicyContext) {
    this.meta = context.records.meta;
    this.clock = context.clock;
    this.random = context.random;
    const { lfuLogFactor, lfuDecayTime } = context.settings;
    this.decayTime = lfuDecayTime;
    this.chances = Float64Array.from({ length: LFU_MAX }, (_, counter) =>
      incrementProbability(counter, lfuLogFactor),
    );
    this.scoreStoresDecay = context.profile.scoringStoresAccess;
  }

  onHit(slot: number): void {
    let counter = this.decayed(slot);
    if (counter < LFU_MAX) {
      const chance = this.chances[counter];
      if (chance === 1 || this.random.float() < chance) counter++;
    }
    this.store(slot, counter);
  }

  onHits(slots: Int32Array, count: number): void {
    for (let i = 0; i < count; i++) this.onHit(slots[i]);
  }

  onInsert(slot: number): void {
    this.store(slot, LFU_INITIAL);
  }

  score(slots: Int32Array, count: number, scores: Float64Array): void {
    for (let i = 0; i < count; i++) {
      const counter = this.decayed(slots[i]);
      if (this.scoreStoresDecay) this.store(slots[i], counter);
      scores[i] = LFU_MAX - counter;
    }
  }

  private decayed(slot: number): number {
    const access = this.meta[slot] & ACCESS_MASK;
    const now = this.clock.lfuMinutes;
    const then = access >>> 8;
    // One minute short after a wrap of the 16 bits, as the server is.
    const elapsed = now >= then ? now - then : MINUTES_MASK - then + now;
    return decayedCounter(access & LFU_MAX, elapsed, this.decayTime);
  }

  private store(slot: number, counter: number): void {
    const { meta, clock } = this;
    meta[slot] = (meta[slot] & ~ACCESS_MASK) | (clock.lfuMinutes << 8) | counter;
  }
}

const shared = {
  family: 'server',
  needsOwnValueObjects: true,
  source: 'evict.c, LFULogIncr and LFUDecrAndReturn',
} as const;

export const allkeysLfu = {
  ...shared,
  name: 'allkeys-lfu',
  summary: 'the least counted of a few sampled keys, by an 8-bit logarithmic counter that decays',
  volatileOnly: false,
  create: (context) => new SampledPolicy(context, new AccessFrequency(context), false, false),
} satisfies PolicyDefinition;

export const volatileLfu = {
  ...shared,
  name: 'volatile-lfu',
  summary: 'allkeys-lfu among the keys with a TTL; writes fail when there are none',
  volatileOnly: true,
  create: (context) => new SampledPolicy(context, new AccessFrequency(context), true, true),
} satisfies PolicyDefinition;
