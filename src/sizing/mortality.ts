import { INCR, OPERATIONS, PERSIST, SETKEEP } from '../trace/operations.ts';
import type { Trace } from '../trace/trace.ts';
import { decodeTtl, NO_TTL } from '../trace/ttl.ts';
import { STORES } from './facts.ts';

/** What a trace does to its keys, as far as servers that refuse writes have to know. */
export interface Mortality {
  /** Per key, whether any row gives it a TTL. */
  readonly isMortal: Uint8Array<SharedArrayBuffer>;
  /** Whether rows that store a key that has a TTL in some row all give it one, so that no key is now mortal, now not. */
  readonly isForLife: boolean;
  readonly longestMs: number;
  /** Whether every key has values of one length. */
  readonly hasFixedValues: boolean;
  /** Whether some row counts: its value is a number of the server's. */
  readonly counts: boolean;
}

export function mortalityOf(trace: Trace): Mortality {
  const { rows, keys, ops, ttls, valueBytes, keyCount } = trace;
  const isMortal = new Uint8Array(new SharedArrayBuffer(keyCount));
  /** Whether a row stores a key for good, or makes it last. */
  const mayLast = new Uint8Array(keyCount);
  /** One more than the length of a key's values. */
  const lengths = new Float64Array(keyCount);
  const stores = Uint8Array.from(OPERATIONS, (_, op) => (STORES.includes(op) ? 1 : 0));
  let longestCode = 0;
  let hasFixedValues = true;
  let counts = false;
  for (let row = 0; row < rows; row++) {
    const key = keys[row];
    const op = ops[row];
    const ttl = ttls[row];
    if (ttl !== NO_TTL) {
      isMortal[key] = 1;
      longestCode = Math.max(longestCode, ttl);
    } else if (op === PERSIST || (stores[op] === 1 && op !== SETKEEP)) mayLast[key] = 1;
    if (stores[op] === 0) continue;
    if (op === INCR) counts = true;
    const length = valueBytes[row] + 1;
    if (lengths[key] === 0) lengths[key] = length;
    else if (lengths[key] !== length) hasFixedValues = false;
  }
  const isForLife = mayLast.every((may, key) => may === 0 || isMortal[key] === 0);
  return { isMortal, isForLife, longestMs: decodeTtl(longestCode), hasFixedValues, counts };
}
