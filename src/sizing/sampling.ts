import { mix32 } from '../random.ts';
import { allocateTrace, type Trace } from '../trace/trace.ts';
import { decodeTtl, NO_TTL } from '../trace/ttl.ts';

/** A part of a trace: all requests to some of its keys, at their own times. */
export interface Sample {
  readonly trace: Trace;
  /** Rows of the sample among the first `wholeRows` rows of the whole, as asked for. */
  readonly warmupRows: number;
}

/** Belongs to no sample. */
const NOWHERE = 0xff;

/**
 * Disjoint samples of a trace's keys, `count` (≤ 255) of them, each one key in `weight` ≥ `count`. Keys are drawn by
 * hash, evenly over popularity: in order of requests (ties: of first appearance), every run of `weight` keys gives one
 * to each sample, so that a sample has its share of the hot, the lukewarm and the cold, and of every time. Of the
 * hottest run, where neighbours differ most, the keys nearest to its mean go.
 *
 * Plain hashing (Waldspurger et al., USENIX ATC 2017) leaves the share of the requests to chance, since one key of a
 * Zipf cache has 7 % of them; strata halve what is left after correcting for that. Measured: docs/sizing.md.
 */
export function sampleKeys(
  trace: Trace,
  options: { weight: number; count: number; salt: number; warmupRows: number },
): Sample[] {
  const { count, warmupRows } = options;
  const sampleOf = assignKeys(trace, options);
  const { keys, rows, times, ops, valueBytes, ttls } = trace;
  const numbers = new Uint32Array(trace.keyCount);
  const keyCounts = new Float64Array(count);
  for (let key = 0; key < trace.keyCount; key++) {
    if (sampleOf[key] !== NOWHERE) numbers[key] = keyCounts[sampleOf[key]]++;
  }
  const lengths = new Float64Array(count);
  const warmups = new Float64Array(count);
  for (let row = 0; row < rows; row++) {
    const sample = sampleOf[keys[row]];
    if (sample === NOWHERE) continue;
    lengths[sample]++;
    if (row < warmupRows) warmups[sample]++;
  }
  const samples = Array.from(lengths, (length, i) => ({
    trace: allocateTrace(trace.name, length, keyCounts[i], trace.tickMs),
    warmupRows: warmups[i],
  }));
  for (let key = 0; key < trace.keyCount; key++) {
    if (sampleOf[key] === NOWHERE) continue;
    samples[sampleOf[key]].trace.keyBytes[numbers[key]] = trace.keyBytes[key];
  }
  const next = new Float64Array(count);
  for (let row = 0; row < rows; row++) {
    const sample = sampleOf[keys[row]];
    if (sample === NOWHERE) continue;
    const to = samples[sample].trace;
    const at = next[sample]++;
    to.times[at] = times[row];
    to.ops[at] = ops[row];
    to.keys[at] = numbers[keys[row]];
    to.valueBytes[at] = valueBytes[row];
    to.ttls[at] = ttls[row];
  }
  return samples;
}

/** Per key, the sample it goes to, or NOWHERE. */
function assignKeys(
  trace: Trace,
  options: { weight: number; count: number; salt: number },
): Uint8Array {
  const requests = requestsPerKey(trace);
  const order = byRequests(requests);
  const lives = livesOf(trace);
  const sampleOf = new Uint8Array(trace.keyCount).fill(NOWHERE);
  const about = { ...options, requests, sampleOf };
  for (const life of new Set(lives)) {
    assignRuns(
      order.filter((key) => lives[key] === life),
      about,
    );
  }
  return sampleOf;
}

/** Of each run of `weight` keys of `order`, one for each sample. */
function assignRuns(
  order: Uint32Array,
  {
    weight,
    count,
    salt,
    requests,
    sampleOf,
  }: {
    weight: number;
    count: number;
    salt: number;
    requests: Uint32Array;
    sampleOf: Uint8Array;
  },
): void {
  const mixedSalt = mix32(salt);
  const hashOf = (key: number): number => mix32(key ^ mixedSalt);
  for (let start = 0; start < order.length; start += weight) {
    const run = order.subarray(start, start + weight);
    if (start === 0) {
      const mean = run.reduce((sum, key) => sum + requests[key], 0) / run.length;
      run.sort((a, b) => Math.abs(requests[a] - mean) - Math.abs(requests[b] - mean));
    } else run.sort((a, b) => hashOf(a) - hashOf(b));
    for (let i = 0; i < run.length; i++) {
      // A last run that is short gives as often as a full one would, to whom chance will have it.
      const place = run.length === weight ? i : hashOf(run[i]) % weight;
      if (place < count) sampleOf[run[i]] = place;
    }
  }
}

/** Per key, how long it lives at most, as an octave of seconds; 0 where no row gives it a TTL. */
function livesOf({ keys, ttls, rows, keyCount }: Trace): Uint8Array {
  const lives = new Uint8Array(keyCount);
  for (let row = 0; row < rows; row++) {
    if (ttls[row] === NO_TTL) continue;
    const octave = 33 - Math.clz32(decodeTtl(ttls[row]) / 1000);
    if (octave > lives[keys[row]]) lives[keys[row]] = octave;
  }
  return lives;
}

/** Writes count as well: they keep a key in memory, or bring it back, as a lookup does. */
function requestsPerKey({ keys, rows, keyCount }: Trace): Uint32Array {
  const requests = new Uint32Array(keyCount);
  for (let row = 0; row < rows; row++) requests[keys[row]]++;
  return requests;
}

/** Keys by falling requests, ties by id, which is by first appearance. */
function byRequests(requests: Uint32Array): Uint32Array {
  // As numbers of two digits: a typed array sorts numbers ten times as fast as it calls a comparator.
  const span = 2 ** 28;
  const ranked = new Float64Array(requests.length);
  for (let key = 0; key < ranked.length; key++)
    ranked[key] = key - Math.min(requests[key], 2 ** 24) * span;
  ranked.sort();
  return Uint32Array.from(ranked, (rank) => ((rank % span) + span) % span);
}
