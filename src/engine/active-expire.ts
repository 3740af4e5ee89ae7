import type { KeyRecords } from '../keyspace/key-records.ts';
import type { KeyTable } from '../keyspace/key-table.ts';
import type { ServerClock } from '../policies/policy.ts';
import type { ExpireRules, ServerCosts } from '../servers/profile.ts';
import type { Database } from './database.ts';

const KEYS_PER_LOOP = 20;
const FAST_BUDGET_US = 1000;
const SLOW_CPU_PERCENT = 25;
const ACCEPTABLE_STALE_PERCENT = 10;
/** Redis 5.0 goes on while more than a quarter of its random keys were stale. */
const ACCEPTABLE_STALE_PERCENT_OF_RANDOM_KEYS = 25;
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
  private readonly visiting: ExpireRules['visiting'];
  private readonly visited: number[] = [];
  private cursor = 0;
  /** What the last loop came to. */
  private sampled = 0;
  private expired = 0;
  private roundIsOver = false;
  /** Rounds through the table, of which every `roundsToEnd`-th ends its cycle. */
  private rounds = 0;
  private readonly roundsToEnd: number;
  private lastFastMs = -Infinity;
  /** The last cycle ran out of time: fast cycles may run between commands. */
  hitTimeLimit = false;

  constructor(
    database: Database,
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
    const { visiting } = options.rules;
    const random = visiting === 'random';
    // `active-expire-effort` came with the cursors.
    const effort = random ? 0 : options.effort - 1;
    this.visiting = visiting;
    this.database = database;
    this.clock = clock;
    this.records = database.keyspace.records;
    this.expires = database.keyspace.expires;
    this.costs = options.costs;
    this.roundsToEnd = options.roundsToEnd;
    this.keysPerLoop = KEYS_PER_LOOP + 5 * effort;
    this.acceptableStalePercent = random
      ? ACCEPTABLE_STALE_PERCENT_OF_RANDOM_KEYS
      : ACCEPTABLE_STALE_PERCENT - effort;
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
      this.visit(nowMs, Math.min(size, this.keysPerLoop));
      const { sampled, expired } = this;
      elapsedUs += sampled * costs.expireSampleUs + expired * costs.expireDeleteUs;
      if (loop % LOOPS_PER_TIME_CHECK === 0 && elapsedUs > budgetUs) {
        this.hitTimeLimit = true;
        return;
      }
      if (this.roundIsOver) return;
      if (sampled > 0 && Math.floor((expired * 100) / sampled) <= this.acceptableStalePercent)
        return;
    }
  }

  /** One loop: looks at `wanted` keys or a few more, or fewer where too many buckets are empty. */
  private visit(nowMs: number, wanted: number): void {
    this.sampled = 0;
    this.expired = 0;
    this.roundIsOver = false;
    if (this.visiting === 'random') this.visitRandomKeys(nowMs, wanted);
    else if (this.visiting === 'linear') this.visitInOrder(nowMs, wanted);
    else this.visitByScan(nowMs, wanted);
  }

  /** Keys drawn one by one; one that lives may be drawn again. */
  private visitRandomKeys(nowMs: number, wanted: number): void {
    const { expires, visited } = this;
    for (let drawn = 0; drawn < wanted && expires.size > 0; drawn++) {
      visited.length = 1;
      visited[0] = expires.randomKey();
      this.expireVisited(nowMs);
    }
  }

  /** Bucket after bucket by number. */
  private visitInOrder(nowMs: number, wanted: number): void {
    const { expires, visited } = this;
    for (let buckets = 0; this.sampled < wanted && buckets < wanted * BUCKETS_PER_WANTED_KEY;) {
      visited.length = 0;
      buckets += expires.collectAt(this.cursor, visited);
      this.expireVisited(nowMs);
      this.cursor = (this.cursor + 1) >>> 0;
    }
  }

  /** Buckets in the order of a scan, which meets every key once a round even while the table is resized. */
  private visitByScan(nowMs: number, wanted: number): void {
    const { expires, visited } = this;
    for (let steps = 0; this.sampled < wanted && steps < wanted * BUCKETS_PER_WANTED_KEY; steps++) {
      visited.length = 0;
      // The cursor moves first: deleting may resize the table, and the scan copes with that.
      this.cursor = expires.scan(this.cursor, visited);
      this.expireVisited(nowMs);
      expires.endScan();
      if (this.cursor === 0 && this.visiting === 'one-round') {
        this.roundIsOver = ++this.rounds % this.roundsToEnd === 0;
        if (this.roundIsOver) return;
      }
    }
  }

  private expireVisited(nowMs: number): void {
    const { visited, records } = this;
    for (let i = 0; i < visited.length; i++) {
      if (nowMs > records.expiresAtMs[visited[i]]) {
        this.database.expire(visited[i]);
        this.expired++;
      }
    }
    this.sampled += visited.length;
  }
}
