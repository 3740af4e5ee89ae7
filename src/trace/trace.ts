import { UsageError } from '../errors.ts';

/**
 * A workload as columns: everything a replay needs, no strings, in SharedArrayBuffers so that every worker reads the
 * same bytes. 17 bytes a row. Row arrays have length `rows`, key arrays `keyCount`; `keys` holds dense ids below
 * `keyCount`, numbered in order of first appearance or as the generator counts them.
 */
export interface Trace {
  /** What the user called it; the `workload` column of the results. */
  readonly name: string;
  readonly rows: number;
  readonly keyCount: number;
  /** Milliseconds per unit of `times`: 1, or more for traces too long for 32 bits of milliseconds (49.7 days). */
  readonly tickMs: number;
  /** Time since the start of the trace, in ticks; never goes back. */
  readonly times: Uint32Array<SharedArrayBuffer>;
  /** Codes of operations.ts. */
  readonly ops: Uint8Array<SharedArrayBuffer>;
  readonly keys: Uint32Array<SharedArrayBuffer>;
  /** Bytes of the value written by this row, or by the SET that fills its miss. */
  readonly valueBytes: Uint32Array<SharedArrayBuffer>;
  /** TTLs packed by ttl.ts, NO_TTL for none. */
  readonly ttls: Uint32Array<SharedArrayBuffer>;
  /** Per key: bytes of its name. */
  readonly keyBytes: Uint32Array<SharedArrayBuffer>;
  /** Per key: its name, when the source had names. Stays in the thread that read the trace. */
  readonly keyNames?: readonly string[];
}

/** The columns of a trace with room for `rows` rows over `keyCount` keys, all zero. Throws UsageError beyond memory. */
export function allocateTrace(name: string, rows: number, keyCount: number, tickMs = 1): Trace {
  try {
    const words = (count: number): Uint32Array<SharedArrayBuffer> =>
      new Uint32Array(new SharedArrayBuffer(count * 4));
    return {
      name,
      rows,
      keyCount,
      tickMs,
      times: words(rows),
      ops: new Uint8Array(new SharedArrayBuffer(rows)),
      keys: words(rows),
      valueBytes: words(rows),
      ttls: words(rows),
      keyBytes: words(keyCount),
    };
  } catch (error) {
    throw new UsageError(
      `${name}: no memory for a trace of ${rows} requests over ${keyCount} keys (17 bytes a request).`,
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
