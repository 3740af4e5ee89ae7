import { mix32 } from '../random.ts';
import { derive } from '../trace/derive.ts';
import { allocateTrace, type Trace } from '../trace/trace.ts';

const MAX_TICKS = 0xffff_ffff;
/** The largest value a server stores (`proto-max-bulk-len`). */
const MAX_VALUE_BYTES = 512 * 1024 ** 2;

/** A trace whose values are `factor` times as long. */
export function withValueBytes(trace: Trace, factor: number): Trace {
  const valueBytes = new Uint32Array(new SharedArrayBuffer(trace.rows * 4));
  for (let row = 0; row < trace.rows; row++) {
    valueBytes[row] = Math.min(MAX_VALUE_BYTES, Math.round(trace.valueBytes[row] * factor));
  }
  return derive(trace, { valueBytes });
}

/**
 * The same requests in a `factor`-th of the time. The order, and with it what fits into memory, stays; what is measured
 * in time (TTLs, decay, the LRU clock) lasts `factor` times as many requests.
 */
export function withTraffic(trace: Trace, factor: number): Trace {
  return withTimes(trace, trace.times, 1 / factor);
}

/**
 * `factor` times as many keys under the same traffic: every key gets `factor` − 1 doubles, a fraction of a double by
 * chance (below 1: keys go), whose requests follow its own, and time is stretched until there are as many requests a
 * second as before. So popularity, sizes and what happens to a key one after the other stay as they are, and each key is
 * asked for a `factor`-th as often.
 */
export function withKeys(trace: Trace, factor: number): Trace {
  const { keyCount, keys, rows } = trace;
  const copies = new Uint8Array(keyCount);
  const firstIds = new Uint32Array(keyCount);
  let ids = 0;
  for (let key = 0; key < keyCount; key++) {
    const chance = mix32(key ^ 0x9e37_79b9) / 2 ** 32;
    copies[key] = Math.floor(factor) + (chance < factor % 1 ? 1 : 0);
    firstIds[key] = ids;
    ids += copies[key];
  }
  let length = 0;
  for (let row = 0; row < rows; row++) length += copies[keys[row]];
  const grown = allocateTrace(trace.name, length, ids, trace.tickMs);
  for (let key = 0; key < keyCount; key++) {
    grown.keyBytes.fill(trace.keyBytes[key], firstIds[key], firstIds[key] + copies[key]);
  }
  let at = 0;
  for (let row = 0; row < rows; row++) {
    const key = keys[row];
    for (let copy = 0; copy < copies[key]; copy++) {
      grown.times[at] = trace.times[row];
      grown.ops[at] = trace.ops[row];
      grown.keys[at] = firstIds[key] + copy;
      grown.valueBytes[at] = trace.valueBytes[row];
      grown.ttls[at] = trace.ttls[row];
      at++;
    }
  }
  return withTimes(grown, grown.times, rows === 0 ? 1 : length / rows);
}

/** Times multiplied by `factor`, in longer ticks when they need more than 32 bits. */
function withTimes(trace: Trace, times: Trace['times'], factor: number): Trace {
  const last = trace.rows === 0 ? 0 : times[trace.rows - 1] * factor;
  let ticks = 1;
  while (last / ticks > MAX_TICKS) ticks *= 10;
  const scaled = new Uint32Array(new SharedArrayBuffer(trace.rows * 4));
  for (let row = 0; row < trace.rows; row++)
    scaled[row] = Math.floor((times[row] * factor) / ticks);
  return derive(trace, { times: scaled, tickMs: trace.tickMs * ticks });
}
