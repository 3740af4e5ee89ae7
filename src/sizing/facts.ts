import { GET, INCR, SET, SETKEEP, SETNX, SETXX, TOUCH } from '../trace/operations.ts';
import { NO_TTL } from '../trace/ttl.ts';
import type { Trace } from '../trace/trace.ts';

/** What a trace asks for after its warm-up, whatever the server. Ratios and rates are taken over these. */
export interface TraceFacts {
  readonly warmupRows: number;
  readonly lookups: number;
  readonly lookupBytes: number;
  /** Lookups that are the first request of their key: they miss in any cache. */
  readonly compulsoryMisses: number;
  /** Trace time, s. */
  readonly seconds: number;
  /** Whether any row gives a TTL. */
  readonly hasTtl: boolean;
  /** Whether every row that may store a key gives it one: then whatever is evicted had time left. */
  readonly allHaveTtl: boolean;
}

/** Operations that may leave a key behind. */
export const STORES: readonly number[] = [GET, SET, SETNX, SETXX, SETKEEP, INCR];

export function traceFacts(trace: Trace, warmupRows: number): TraceFacts {
  const { rows, keys, ops, valueBytes, ttls, times, tickMs } = trace;
  const seen = new Uint8Array(trace.keyCount);
  let lookups = 0;
  let lookupBytes = 0;
  let compulsoryMisses = 0;
  let hasTtl = false;
  let allHaveTtl = true;
  for (let row = 0; row < rows; row++) {
    const key = keys[row];
    if (row >= warmupRows && (ops[row] === GET || ops[row] === TOUCH)) {
      lookups++;
      if (ops[row] === GET) lookupBytes += valueBytes[row];
      if (seen[key] === 0) compulsoryMisses++;
    }
    seen[key] = 1;
    if (ttls[row] !== NO_TTL) hasTtl = true;
    else if (STORES.includes(ops[row])) allHaveTtl = false;
  }
  const lastMs = rows === 0 ? 0 : times[rows - 1] * tickMs;
  const firstMs = warmupRows < rows ? times[warmupRows] * tickMs : lastMs;
  const seconds = (lastMs - firstMs) / 1000;
  return {
    warmupRows,
    lookups,
    lookupBytes,
    compulsoryMisses,
    seconds,
    hasTtl,
    allHaveTtl,
  };
}
