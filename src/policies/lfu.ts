import { ACCESS_MASK } from '../keyspace/key-records.ts';
import type { Random } from '../random.ts';
import type { PolicyContext, PolicyDefinition, PolicySettings, ServerClock } from './policy.ts';
import { type Ranking, SampledPolicy } from './sampled.ts';

/** What a new key's counter starts at, and below which every access counts. */
export const LFU_INITIAL = 5;
export const LFU_MAX = 255;
export const MINUTES_MASK = 0xffff;

/** Chance that an access raises a counter below LFU_MAX. */
export function incrementProbability(counter: number, logFactor: number): number {
  return 1 / (Math.max(0, counter - LFU_INITIAL) * logFactor + 1);
}

/** The counter after `elapsedMinutes` without access: one less per full decay period, never below 0. */
export function decayedCounter(counter: number, elapsedMinutes: number, decayTime: number): number {
  if (decayTime === 0) return counter;
  return Math.max(0, counter - Math.floor(elapsedMinutes / decayTime));
}

/** An 8-bit logarithmic counter (low bits) and the minute it was last decayed (next 16 bits). */
class AccessFrequency implements Ranking {
  private readonly meta: Int32Array;
  private readonly clock: ServerClock;
  private readonly random: Random;
  private readonly settings: PolicySettings;
  private readonly scoreStoresDecay: boolean;

  constructor(context: PolicyContext) {
    this.meta = context.records.meta;
    this.clock = context.clock;
    this.random = context.random;
    this.settings = context.settings;
    this.scoreStoresDecay = context.profile.scoringStoresAccess;
  }

  onHit(slot: number): void {
    let counter = this.decayed(slot);
    if (counter < LFU_MAX) {
      const chance = incrementProbability(counter, this.settings.lfuLogFactor);
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

  scoreOf(slot: number): number {
    const counter = this.decayed(slot);
    if (this.scoreStoresDecay) this.store(slot, counter);
    return LFU_MAX - counter;
  }

  private decayed(slot: number): number {
    const access = this.meta[slot] & ACCESS_MASK;
    const now = this.clock.lfuMinutes;
    const then = access >>> 8;
    // One minute short after a wrap of the 16 bits, as the server is.
    const elapsed = now >= then ? now - then : MINUTES_MASK - then + now;
    return decayedCounter(access & LFU_MAX, elapsed, this.settings.lfuDecayTime);
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
