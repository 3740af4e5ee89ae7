import { UsageError } from '../errors.ts';

type Words = Uint32Array<SharedArrayBuffer>;

/** What a replay reads of each row: 17 bytes, in SharedArrayBuffers so that every worker reads the same ones. */
export interface TraceRows {
  /** Milliseconds per unit of `times`: 1, or more for traces too long for 32 bits of milliseconds (49.7 days). */
  readonly tickMs: number;
  /** Time since the start of the trace, in ticks; never goes back. */
  readonly times: Words;
  /** Codes of operations.ts. */
  readonly ops: Uint8Array<SharedArrayBuffer>;
  readonly keys: Words;
  /** Bytes of the value written by this row, or by the SET that fills its miss. */
  readonly valueBytes: Words;
  /** TTLs packed by ttl.ts, NO_TTL for none. */
  readonly ttls: Words;
}

/** What is known of a trace wherever its rows are. */
export interface TraceFacts {
  /** What the user called it; the `workload` column of the results. */
  readonly name: string;
  readonly rows: number;
  readonly keyCount: number;
  readonly tickMs: number;
  /** Per key: bytes of its name. */
  readonly keyBytes: Words;
}

/**
 * A workload as columns: everything a replay needs, no strings. Row arrays have length `rows`, key arrays `keyCount`;
 * `keys` holds dense ids below `keyCount`, numbered in order of first appearance or as the generator counts them.
 */
export interface Trace extends TraceFacts, TraceRows {
  /** Per key: its name, when the source had names. Stays in the thread that read the trace. */
  readonly keyNames?: readonly string[];
}

/** Room for `rows` rows, all zero. */
export function allocateRows(rows: number, tickMs = 1): TraceRows {
  return {
    tickMs,
    times: words(rows),
    ops: new Uint8Array(new SharedArrayBuffer(rows)),
    keys: words(rows),
    valueBytes: words(rows),
    ttls: words(rows),
  };
}

/** The columns of a trace with room for `rows` rows over `keyCount` keys, all zero. Throws UsageError beyond memory. */
export function allocateTrace(name: string, rows: number, keyCount: number, tickMs = 1): Trace {
  try {
    const keyBytes = words(keyCount);
    return { name, rows, keyCount, ...allocateRows(rows, tickMs), keyBytes };
  } catch (error) {
    throw new UsageError(
      `${name}: no memory for a trace of ${rows} requests (17 bytes a request). "evictlab run --stream" keeps them on disk.`,
      { cause: error },
    );
  }
}

/** The name of a key in files written from this trace: its own, or `k` + its id, padded with zeros to its length. */
export function keyName(trace: Trace, id: number): string {
  const own = trace.keyNames?.[id];
  if (own !== undefined) return own;
  return `k${String(id).padStart(trace.keyBytes[id] - 1, '0')}`;
}

function words(count: number): Words {
  return new Uint32Array(new SharedArrayBuffer(count * 4));
}
