import { UsageError } from '../errors.ts';

/** The whole number written in `text`, within `min` … `max`. Throws UsageError naming `what`. */
export function parseWholeNumber(
  text: string,
  what: string,
  min = 0,
  max = Number.MAX_SAFE_INTEGER,
): number {
  const value = /^[+-]?\d+$/.test(text) ? Number(text) : NaN;
  if (!(value >= min && value <= max)) {
    throw new UsageError(`${what}: "${text}" is not a whole number from ${min} to ${max}.`);
  }
  return value;
}
