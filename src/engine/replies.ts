/** Bytes of `+OK`, `$-1`, `:1` with their line ends. */
export const SHORT_REPLY = 5;
/** Bytes of the OOM error. */
export const OOM_REPLY = 58;
/** `$` and two line ends around length and value. */
const BULK_FRAME = 5;

/** Bytes of the answer that carries a value of `length` bytes. */
export function bulkReplyBytes(length: number): number {
  return BULK_FRAME + decimalDigits(length) + length;
}

/** Digits of a whole number from 0 on. */
function decimalDigits(number: number): number {
  let digits = 1;
  for (let power = 10; number >= power; power *= 10) digits++;
  return digits;
}
