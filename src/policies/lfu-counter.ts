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
  if (elapsedMinutes < decayTime || decayTime === 0) return counter;
  return Math.max(0, counter - Math.floor(elapsedMinutes / decayTime));
}
