import { GET, TOUCH } from '../trace/operations.ts';
import type { Trace } from '../trace/trace.ts';
import { NO_TTL } from '../trace/ttl.ts';

/** Two classes to a doubling of the time: what a cache keeps for so long it mostly keeps for a quarter longer. */
const TIMES = 66;
/** The class of a key's first request. */
const FIRST = TIMES - 1;
/** The same twice: of keys without a TTL, and of those with one, which may have gone by themselves or be the only ones that go. */
export const REUSE_CLASSES = 2 * TIMES;

/**
 * Per row, how long ago its key was last asked for or written, as a class: what decides most about a hit, and is known
 * of the whole workload without replaying it.
 */
export function reuseClasses(trace: Trace): Uint8Array<SharedArrayBuffer> {
  const { rows, keys, times, ttls } = trace;
  const classes = new Uint8Array(new SharedArrayBuffer(rows));
  /** One more than the tick of a key's last row; 0 = none yet. */
  const seen = new Float64Array(trace.keyCount);
  for (let row = 0; row < rows; row++) {
    const key = keys[row];
    const time = times[row] + 1;
    const mortal = ttls[row] === NO_TTL ? 0 : TIMES;
    classes[row] = mortal + (seen[key] === 0 ? FIRST : classOf(time - seen[key]));
    seen[key] = time;
  }
  return classes;
}

function classOf(ticks: number): number {
  if (ticks === 0) return 0;
  const octave = 31 - Math.clz32(ticks);
  return 1 + 2 * octave + (octave === 0 ? 0 : (ticks >>> (octave - 1)) & 1);
}

/** Something counted by class of reuse. */
export interface ByReuse {
  readonly lookups: Float64Array;
  /** Value bytes of the same. */
  readonly bytes: Float64Array;
}

export function noneByReuse(): ByReuse {
  return { lookups: new Float64Array(REUSE_CLASSES), bytes: new Float64Array(REUSE_CLASSES) };
}

/** The lookups from row `warmupRows` on. */
export function lookupsByReuse(trace: Trace, classes: Uint8Array, warmupRows: number): ByReuse {
  const { rows, ops, valueBytes } = trace;
  const all = noneByReuse();
  for (let row = warmupRows; row < rows; row++) {
    if (ops[row] !== GET && ops[row] !== TOUCH) continue;
    all.lookups[classes[row]]++;
    if (ops[row] === GET) all.bytes[classes[row]] += valueBytes[row];
  }
  return all;
}

/**
 * Hits among the lookups of the whole, if those of each class hit as often as the sample's do. A class of which the sample
 * has no lookup goes with the next one.
 */
export function hitsOfWhole(
  hits: Float64Array,
  lookups: { readonly sample: Float64Array; readonly whole: Float64Array },
): number {
  let sum = 0;
  let waiting = 0;
  for (let i = 0; i < REUSE_CLASSES; i++) {
    waiting += lookups.whole[i];
    if (lookups.sample[i] === 0) continue;
    sum += waiting * (hits[i] / lookups.sample[i]);
    waiting = 0;
  }
  return sum;
}
