import type { Cell } from '../replay/cell.ts';
import { serverNamed } from '../servers/registry.ts';
import type { TraceFacts } from './facts.ts';
import type { Counts } from './point.ts';

/** Up to half of the keys looked at: where more expire, a server goes on for long, and so must a sample. */
export const FEW_EXPIRED_PER_TICK = 10;

/** Keys that expire in the whole from one tick to the next. */
export function expiredPerTick(
  { expiredKeys }: Counts,
  { seconds }: TraceFacts,
  { hz }: Cell,
): number {
  return expiredKeys / Math.max(1, seconds) / hz;
}

/** The effort that would make a server look at one key instead of 20: five keys less for each step below 1. */
const ONE_KEY = 1 - 19 / 5;

/** Whether the expire cycle of a sample goes on all the time (flowing-expiry.ts): where keys are come by in the order of their table. */
export function flows({ server }: Cell): boolean {
  return serverNamed(server).expire.visiting !== 'random';
}

/**
 * A sample's timer ticks as much more seldom as there are fewer keys: it moves a fixed number of buckets. Of the expire cycle there
 * it leaves what it has to where that goes on all the time.
 */
export function timerOf(
  cell: Cell,
  weight: number,
): Pick<Cell, 'timerSlowdown' | 'activeExpireEffort'> {
  const { activeExpireEffort } = cell;
  return {
    timerSlowdown: weight,
    activeExpireEffort: flows(cell) ? ONE_KEY : activeExpireEffort,
  };
}
