/** In a reference to a key of a chain, which is its slot times two: its chain goes on. 0 refers to none. */
export const FOLLOWED = 1;

/** A reference to the key of `slot`, behind which its chain goes on as `rest` says. */
export function referenceTo(slot: number, rest: number): number {
  // Whether anything follows is nobody's guess, so there is no question: the sign of a negated reference.
  return (slot << 1) | (-rest >>> 31);
}
