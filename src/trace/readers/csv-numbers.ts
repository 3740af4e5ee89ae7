/** What the parsers answer for bytes that aren't such a number. */
export const NOT_A_NUMBER = -1;

const ZERO = 0x30;
const DOT = 0x2e;
/** Digits that always fit 53 bits. */
const MAX_DIGITS = 15;

/** The whole number written in `bytes[start, end)` with digits alone, or NOT_A_NUMBER. */
export function parseDigits(bytes: Uint8Array, start: number, end: number): number {
  if (end <= start || end - start > MAX_DIGITS) return NOT_A_NUMBER;
  let value = 0;
  for (let i = start; i < end; i++) {
    const digit = bytes[i] - ZERO;
    if (digit < 0 || digit > 9) return NOT_A_NUMBER;
    value = value * 10 + digit;
  }
  return value;
}

/** Milliseconds of seconds with up to three decimals, or NOT_A_NUMBER. */
export function parseSeconds(bytes: Uint8Array, start: number, end: number): number {
  let dot = start;
  while (dot < end && bytes[dot] !== DOT) dot++;
  const whole = parseDigits(bytes, start, dot);
  if (dot === end || whole === NOT_A_NUMBER) return whole === NOT_A_NUMBER ? whole : whole * 1000;
  const decimals = end - dot - 1;
  const fraction = parseDigits(bytes, dot + 1, end);
  if (decimals > 3 || fraction === NOT_A_NUMBER) return NOT_A_NUMBER;
  return whole * 1000 + fraction * 10 ** (3 - decimals);
}
