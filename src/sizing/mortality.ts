import * as operations from '../trace/operations.ts';
import type { Trace } from '../trace/trace.ts';
import * as ttl from '../trace/ttl.ts';
import { STORES } from './facts.ts';

const { INCR, OPERATIONS, PERSIST, SETKEEP } = operations;
const { decodeTtl, NO_TTL } = ttl;

/** By operation, whether it is one of {@link STORES}. */
const MAY_STORE = Uint8Array.from(OPERATIONS, (_, op) => (STORES.includes(op) ? 1 : 0));

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
  /** One more than the length of a key's values. */
  const lengths = new Uint32Array(keyCount);
  let longestCode = 0;
  let isAnyMortal = false;
  let hasFixedValues = true;
  for (let row = 0; row < rows; row++) {
    const key = keys[row];
    const op = ops[row];
    const code = ttls[row];
    if (code !== NO_TTL) {
      isMortal[key] = 1;
      isAnyMortal = true;
      if (code > longestCode) longestCode = code;
    }
    if (!hasFixedValues || MAY_STORE[op] === 0) continue;
    const length = valueBytes[row] + 1;
    if (lengths[key] === 0) lengths[key] = length;
    else if (lengths[key] !== length) hasFixedValues = false;
  }
  const isForLife = !isAnyMortal || !mayLast(trace, isMortal);
  return {
    isMortal,
    isForLife,
    longestMs: decodeTtl(longestCode),
    hasFixedValues,
    counts: ops.includes(INCR),
  };
}

/** Whether some row stores a key of `among` for good, or makes it last. */
function mayLast({ rows, keys, ops, ttls }: Trace, among: Uint8Array): boolean {
  for (let row = 0; row < rows; row++) {
    if (ttls[row] !== NO_TTL || among[keys[row]] === 0) continue;
    const op = ops[row];
    if (op === PERSIST || (MAY_STORE[op] === 1 && op !== SETKEEP)) return true;
  }
  return false;
}
