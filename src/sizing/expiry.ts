import type { Cell } from '../replay/cell.ts';
import { serverNamed } from '../servers/registry.ts';
import type { TraceFacts } from './facts.ts';
import type { Counts } from './point.ts';

/** The effort that would make a server look at 5 keys instead of 20: five keys less for each step below 1. */
const QUARTER_OF_KEYS = -2;
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

/**
 * How often the timer ticks, and how many keys with a TTL it looks at. A server's twenty at a time are a good part of a
 * sample, and come so seldom that keys lie dead for long: a quarter of them comes four times as often. With effort 1 a server
 * goes on at once where three of twenty have expired, and so where one of five has: about as often, as long as few have.
 */
export function expiry(
  { activeExpireEffort, server }: Cell,
  about: { weight: number; expiredPerTick: number },
): Pick<Cell, 'timerSlowdown' | 'activeExpireEffort'> {
  const { weight } = about;
  const { visiting } = serverNamed(server).expire;
  const isWhole =
    activeExpireEffort !== 1 ||
    visiting === 'random' ||
    about.expiredPerTick > FEW_EXPIRED_PER_TICK;
  return isWhole
    ? { timerSlowdown: weight, activeExpireEffort }
    : { timerSlowdown: weight / 4, activeExpireEffort: QUARTER_OF_KEYS };
}
