/**
 * The position after `cursor` of a scan over `mask + 1` buckets: the bits below the mask count up from the highest
 * one, so that a scan misses no key when the table is resized under way. 0 when the round is complete.
 */
export function nextScanCursor(cursor: number, mask: number): number {
  let next = cursor & mask;
  let bit = (mask + 1) >>> 1;
  for (; next & bit; bit >>>= 1) next ^= bit;
  return next | bit;
}
