/** How long the names of a trace's keys are, by their ids. */
export interface KeyNames {
  /** In as few bytes as the longest one needs. */
  readonly lengths: Uint8Array | Uint32Array;
  readonly longest: number;
}

/** Lengths below this take a byte each. */
const SHORT = 256;

/** `room` gives the array for them, short ones or not, of one length or not; without it they get one of their own. */
export function keyNames(
  lengths: ArrayLike<number>,
  room: (areShort: boolean, areAlike: boolean) => Uint8Array | Uint32Array = (areShort) =>
    areShort ? new Uint8Array(lengths.length) : new Uint32Array(lengths.length),
): KeyNames {
  let longest = 0;
  let shortest = Infinity;
  for (let id = 0; id < lengths.length; id++) {
    longest = Math.max(longest, lengths[id]);
    shortest = Math.min(shortest, lengths[id]);
  }
  const array = room(longest < SHORT, shortest === longest);
  array.set(lengths);
  return { lengths: array, longest };
}
