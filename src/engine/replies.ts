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

const POWERS_OF_TEN = Int32Array.from({ length: 10 }, (_, exponent) => 10 ** exponent);

/** Digits of a whole number below 2^31. Sizes of values follow no pattern a processor could guess: no branches. */
function decimalDigits(number: number): number {
  // 0 has as many digits as 1, and an odd number as the even one before it.
  const odd = number | 1;
  // By log10(2), which is about 1233 / 4096, the bits say how many digits it has or one less.
  const atLeast = ((32 - Math.clz32(odd)) * 1233) >>> 12;
  return atLeast + 1 - ((odd - POWERS_OF_TEN[atLeast]) >>> 31);
}
