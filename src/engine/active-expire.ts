import type { KeyRecords } from '../keyspace/key-records.ts';
import type { KeyTable } from '../keyspace/key-table.ts';
import type { ServerClock } from '../policies/policy.ts';
import type { ServerCosts } from '../servers/profile.ts';
import type { Database } from './database.ts';

const KEYS_PER_LOOP = 20;
const FAST_BUDGET_US = 1000;
const SLOW_CPU_PERCENT = 25;
const ACCEPTABLE_STALE_PERCENT = 10;
const BUCKETS_PER_WANTED_KEY = 20;
/** The clock is looked at once per this many loops. */
const LOOPS_PER_TIME_CHECK = 16;
/** Below this fill of the expires table, in percent, sampling it is not worth the time. */
const MIN_FILL_PERCENT = 1;
const SMALLEST_TABLE = 4;

/**
 * The background job that deletes expired keys nobody asks for. It samples; so a share of stale keys below about ten
 * percent stays in memory, competing with live ones. Source: expire.c, activeExpireCycle; docs/model.md (expiry).
 */
export class ActiveExpire {
  private readonly records: KeyRecords;
  private readonly expires: KeyTable;
  private readonly database: Database;
  private readonly clock: ServerClock;
  private readonly costs: ServerCosts;
  /** Infinite budgets when server time stands still. */
  private readonly slowBudgetUs: number;
  private readonly fastBudgetUs: number;
  private readonly keysPerLoop: number;
  private readonly acceptableStalePercent: number;
  private readonly visited: number[] = [];
  private cursor = 0;
  private lastFastMs = -Infinity;
  /** The last cycle ran out of time: fast cycles may run between commands. */
  hitTimeLimit = false;

  constructor(
    database: Database,
    clock: ServerClock,
    options: { effort: number; hz: number; costs: ServerCosts; timeStandsStill: boolean },
  ) {
    const effort = options.effort - 1;
    this.database = database;
    this.clock = clock;
    this.records = database.keyspace.records;
    this.expires = database.keyspace.expires;
    this.costs = options.costs;
    this.keysPerLoop = KEYS_PER_LOOP + 5 * effort;
    this.acceptableStalePercent = ACCEPTABLE_STALE_PERCENT - effort;
    const slowUs = ((SLOW_CPU_PERCENT + 2 * effort) * 10_000) / options.hz;
    this.slowBudgetUs = options.timeStandsStill ? Infinity : slowUs;
    this.fastBudgetUs = FAST_BUDGET_US + 250 * effort;
  }

  /** The cron's cycle. */
  slow(): void {
    this.cycle(this.clock.nowMs, this.slowBudgetUs);
  }

  /** The cycle before the event loop sleeps: only after a cycle that ran out of time, and not twice in a row. */
  fast(): void {
    const { nowMs } = this.clock;
    if (!this.hitTimeLimit || nowMs < this.lastFastMs + (2 * this.fastBudgetUs) / 1000) return;
    this.lastFastMs = nowMs;
    this.cycle(nowMs, this.fastBudgetUs);
  }

  private cycle(nowMs: number, budgetUs: number): void {
    const { expires, costs } = this;
    this.hitTimeLimit = false;
    let elapsedUs = 0;
    for (let loop = 1; ; loop++) {
      const { size, positions } = expires;
      if (size === 0) return;
      if (positions > SMALLEST_TABLE && Math.floor((size * 100) / positions) < MIN_FILL_PERCENT)
        return;
      const { sampled, expired } = this.visit(nowMs, Math.min(size, this.keysPerLoop));
      elapsedUs += sampled * costs.expireSampleUs + expired * costs.expireDeleteUs;
      if (loop % LOOPS_PER_TIME_CHECK === 0 && elapsedUs > budgetUs) {
        this.hitTimeLimit = true;
        return;
      }
      if (sampled > 0 && Math.floor((expired * 100) / sampled) <= this.acceptableStalePercent)
        return;
    }
  }

  /** One loop: looks at buckets from the cursor on until `wanted` keys or too many buckets have been seen. */
  private visit(nowMs: number, wanted: number): { sampled: number; expired: number } {
    const { expires, visited, records } = this;
    let sampled = 0;
    let expired = 0;
    for (let buckets = 0; sampled < wanted && buckets < wanted * BUCKETS_PER_WANTED_KEY;) {
      visited.length = 0;
      buckets += expires.collectAt(this.cursor, visited);
      for (let i = 0; i < visited.length; i++) {
        if (nowMs > records.expiryOf(visited[i])) {
          this.database.expire(visited[i]);
          expired++;
        }
      }
      sampled += visited.length;
      this.cursor = (this.cursor + 1) >>> 0;
    }
    return { sampled, expired };
  }
}
