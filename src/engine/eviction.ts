import type { MemoryAccount } from '../memory/account.ts';
import * as policies from '../policies/policy.ts';
import type { Policy } from '../policies/policy.ts';
import type { Database } from './database.ts';

const { NO_VICTIM } = policies;

const KEYS_PER_TIME_CHECK = 16;

/** The time one call may take, in µs, for `maxmemory-eviction-tenacity` 0 … 100. */
export function evictionTimeLimitUs(tenacity: number): number {
  if (tenacity <= 10) return 50 * tenacity;
  return tenacity < 100 ? 500 * 1.15 ** (tenacity - 10) : Infinity;
}

/**
 * Brings memory under the limit before a command runs, one victim at a time, within the server's time limit; what is
 * left over goes on in the idle time before the next command. Source: evict.c, performEvictions.
 */
export class Eviction {
  private readonly account: MemoryAccount;
  private readonly policy: Policy;
  private readonly database: Database;
  private readonly timeLimitUs: number;
  private readonly keyUs: number;
  /** The event-loop timer that finishes the job is installed. */
  private timerRuns = false;

  /** `keyUs` is the server time that one eviction takes, 0 if time stands still. */
  constructor(
    account: MemoryAccount,
    policy: Policy,
    database: Database,
    options: { timeLimitUs: number; keyUs: number },
  ) {
    this.account = account;
    this.policy = policy;
    this.database = database;
    this.timeLimitUs = options.timeLimitUs;
    this.keyUs = options.keyUs;
  }

  /**
   * The check in front of a command, whose arguments are in memory as `account.transient`. False when nothing is left to
   * evict: commands that may need memory are refused. Out of time, memory is over the limit, but they may run.
   */
  run(): boolean {
    return this.freeMemory(this.timeLimitUs);
  }

  /** The timer's turn: `idleUs` of server time have passed since the last command. */
  betweenCommands(idleUs: number): void {
    if (!this.timerRuns || idleUs === 0) return;
    this.timerRuns = false;
    this.freeMemory(idleUs);
  }

  private freeMemory(budgetUs: number): boolean {
    const { account, policy, database } = this;
    const target = account.used + account.transient - account.limit;
    let freed = 0;
    for (let keys = 1; freed < target; keys++) {
      const victim = policy.chooseVictim();
      if (victim === NO_VICTIM) return false;
      const before = account.used;
      database.evict(victim);
      freed += before - account.used;
      if (keys % KEYS_PER_TIME_CHECK === 0 && keys * this.keyUs > budgetUs) {
        this.timerRuns = true;
        break;
      }
    }
    return true;
  }
}
