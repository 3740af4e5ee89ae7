const UNITS = [
  { name: 'gb', bytes: 1024 ** 3 },
  { name: 'mb', bytes: 1024 ** 2 },
  { name: 'kb', bytes: 1024 },
];
/** From this many units on, a whole number of them is at most a hundredth too much. */
const FINE_ENOUGH = 100;

/** The size, rounded up by less than 1 %, as redis.conf writes it: it has no decimals. */
export function roundUpSize(bytes: number): { readonly text: string; readonly bytes: number } {
  const unit = UNITS.find((one) => bytes >= FINE_ENOUGH * one.bytes) ?? UNITS[UNITS.length - 1];
  const count = Math.ceil(bytes / unit.bytes);
  return { text: `${count}${unit.name}`, bytes: count * unit.bytes };
}
