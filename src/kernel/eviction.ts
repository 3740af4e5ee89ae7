import { limit, transient, used } from './account';
import { evictKey } from './database';
import { chooseVictim, NO_VICTIM } from './policy';

const KEYS_PER_TIME_CHECK = 16;

/**
 * Brings memory under the limit before a command runs, one victim at a time, within the server's time limit; what is
 * left over goes on in the idle time before the next command. Source: evict.c, performEvictions.
 */
let timeLimitUs: f64 = Infinity;
let keyUs: f64 = 0;
/** Whether the event-loop timer that finishes the job is installed: 1 or 0. The host looks. */
export const evictionTimer = memory.data(4);

/** `perKeyUs` is the server time that one eviction takes, 0 if time stands still. */
export function setEviction(limitUs: f64, perKeyUs: f64): void {
  timeLimitUs = limitUs;
  keyUs = perKeyUs;
}

/**
 * The check in front of a command, whose arguments are in memory as the account's transient bytes. False when nothing is
 * left to evict: commands that may need memory are refused. Out of time, memory is over the limit, but they may run.
 */
export function evict(): bool {
  return freeMemory(timeLimitUs);
}

/** The timer's turn, if it is installed: `idleUs` of server time have passed since the last command. */
export function evictBetweenCommands(idleUs: f64): void {
  if (idleUs === 0) return;
  store<i32>(evictionTimer, 0);
  freeMemory(idleUs);
}

function freeMemory(budgetUs: f64): bool {
  const target = used() + transient() - limit();
  let freed: f64 = 0;
  for (let keys = 1; freed < target; keys++) {
    const slot = chooseVictim();
    if (slot === NO_VICTIM) return false;
    const before = used();
    evictKey(slot);
    freed += before - used();
    if (keys % KEYS_PER_TIME_CHECK === 0 && <f64>keys * keyUs > budgetUs) {
      store<i32>(evictionTimer, 1);
      break;
    }
  }
  return true;
}
