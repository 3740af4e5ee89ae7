import type { Trace } from '../trace/trace.ts';

/** What a key takes besides its name and value, about: what sets are compared by matters, not how large they are. */
const OVERHEAD_BYTES = 100;
const OCTAVES = 33;
const STEPS = 60;

/**
 * The bytes of the keys that were asked for within a time, on average over the trace (Denning's working set): what a cache that keeps
 * keys for that long has to hold. Of a trace's gaps between two rows of a key only their sums by length are kept.
 */
export interface WorkingSet {
  /** By the logarithm of the gap's length: bytes of the keys, and bytes times ticks. */
  readonly bytes: Float64Array;
  readonly byteTicks: Float64Array;
  /** Length of the trace. */
  readonly ticks: number;
}

export function workingSetOf(trace: Trace): WorkingSet {
  const { rows, keys, times, valueBytes, keyBytes, keyCount } = trace;
  const ticks = rows === 0 ? 0 : times[rows - 1] + 1;
  const bytes = new Float64Array(OCTAVES);
  const byteTicks = new Float64Array(OCTAVES);
  /** One more than the tick of a key's last row, 0 = none yet; and its bytes then. */
  const known = new Float64Array(2 * keyCount);
  const add = (key: number, gap: number): void => {
    const octave = 32 - Math.clz32(gap);
    bytes[octave] += known[2 * key + 1];
    byteTicks[octave] += known[2 * key + 1] * gap;
  };
  for (let row = 0; row < rows; row++) {
    const key = keys[row];
    const time = times[row] + 1;
    if (known[2 * key] > 0) add(key, time - known[2 * key]);
    known[2 * key] = time;
    known[2 * key + 1] = valueBytes[row] + keyBytes[key] + OVERHEAD_BYTES;
  }
  for (let key = 0; key < keyCount; key++) if (known[2 * key] > 0) add(key, ticks - known[2 * key]);
  return { bytes, byteTicks, ticks };
}

/** Mean bytes of the keys asked for within the last `keptTicks`. */
export function bytesWithin({ bytes, byteTicks, ticks }: WorkingSet, keptFor: number): number {
  const keptTicks = Math.min(keptFor, ticks);
  let sum = 0;
  for (let octave = 0; octave < OCTAVES; octave++) {
    const [from, to] = octave === 0 ? [0, 1] : [2 ** (octave - 1), 2 ** octave];
    // Of gaps of an octave as much counts as lies within: all of it, or the time kept, or in between.
    const whole = byteTicks[octave];
    const cut = keptTicks * bytes[octave];
    const share = Math.min(1, Math.max(0, (keptTicks - from) / (to - from)));
    sum += Math.min(whole, cut, share * whole + (1 - share) * cut);
  }
  return sum / Math.max(1, ticks);
}

/** How long a cache of so many bytes keeps its keys; Infinity when it holds all. */
export function ticksKept(set: WorkingSet, bytes: number): number {
  if (bytesWithin(set, Infinity) <= bytes) return Infinity;
  let [low, high] = [0, Math.log2(set.ticks + 1)];
  for (let step = 0; step < STEPS; step++) {
    const middle = (low + high) / 2;
    if (bytesWithin(set, 2 ** middle) < bytes) low = middle;
    else high = middle;
  }
  return 2 ** high;
}
