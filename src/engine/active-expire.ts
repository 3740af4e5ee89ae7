import type { KernelCalls } from '../keyspace/kernel-calls.ts';
import type { ServerClock } from '../policies/policy.ts';
import type { ExpireRules, ServerCosts } from '../servers/profile.ts';

const KEYS_PER_LOOP = 20;
const FAST_BUDGET_US = 1000;
const SLOW_CPU_PERCENT = 25;
const ACCEPTABLE_STALE_PERCENT = 10;
/** Redis 5.0 goes on while more than a quarter of its random keys were stale. */
const ACCEPTABLE_STALE_PERCENT_OF_RANDOM_KEYS = 25;

/** How keys are looked for, by the numbers that src/kernel/active-expire.ts has for it. */
const VISITING = { random: 0, linear: 1, scan: 2, 'one-round': 3 } as const;

/**
 * When the server looks for expired keys that nobody asks for, and how much time it takes for it; the cycle itself is the
 * kernel's. Source: expire.c, activeExpireCycle; docs/model.md (expiry).
 */
export class ActiveExpire {
  private readonly clock: ServerClock;
  private readonly calls: KernelCalls;
  /** Infinite when server time stands still. */
  private readonly slowBudgetUs: number;
  private readonly fastBudgetUs: number;
  private lastFastMs = -Infinity;
  /** The last cycle ran out of time: fast cycles may run between commands. */
  hitTimeLimit = false;

  constructor(
    calls: KernelCalls,
    clock: ServerClock,
    options: {
      rules: ExpireRules;
      effort: number;
      hz: number;
      costs: ServerCosts;
      timeStandsStill: boolean;
      /** 1 on a server; a table that stands for one N times as large is gone through N times as often. */
      roundsToEnd: number;
    },
  ) {
    const { rules, costs } = options;
    const random = rules.visiting === 'random';
    // `active-expire-effort` came with the cursors.
    const effort = random ? 0 : options.effort - 1;
    this.clock = clock;
    this.calls = calls;
    const slowUs = ((SLOW_CPU_PERCENT + 2 * effort) * 10_000) / options.hz;
    this.slowBudgetUs = options.timeStandsStill ? Infinity : slowUs;
    this.fastBudgetUs = FAST_BUDGET_US + 250 * effort;
    calls.setActiveExpire(
      VISITING[rules.visiting],
      Math.round(KEYS_PER_LOOP + 5 * effort),
      random ? ACCEPTABLE_STALE_PERCENT_OF_RANDOM_KEYS : ACCEPTABLE_STALE_PERCENT - effort,
      costs.expireSampleUs,
      costs.expireDeleteUs,
      options.roundsToEnd,
    );
  }

  /** The cron's cycle. */
  slow(): void {
    this.cycle(this.slowBudgetUs);
  }

  /** The cycle before the event loop sleeps: only after a cycle that ran out of time, and not twice in a row. */
  fast(): void {
    const { nowMs } = this.clock;
    if (!this.hitTimeLimit || nowMs < this.lastFastMs + (2 * this.fastBudgetUs) / 1000) return;
    this.lastFastMs = nowMs;
    this.cycle(this.fastBudgetUs);
  }

  private cycle(budgetUs: number): void {
    this.hitTimeLimit = this.calls.expireCycle(budgetUs) !== 0;
  }
}
