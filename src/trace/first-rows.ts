import { derive } from './derive.ts';
import type { Trace } from './trace.ts';

/** The first `rows` rows of a trace, with the keys that appear in them; nothing is copied. */
export function firstRows(trace: Trace, rows: number): Trace {
  if (rows >= trace.rows) return trace;
  const keys = trace.keys.subarray(0, rows);
  // Ids are given in order of first appearance, so the keys of a prefix are a prefix of the keys.
  let keyCount = 0;
  for (const key of keys) keyCount = Math.max(keyCount, key + 1);
  return derive(trace, {
    rows,
    keyCount,
    times: trace.times.subarray(0, rows),
    ops: trace.ops.subarray(0, rows),
    keys,
    valueBytes: trace.valueBytes.subarray(0, rows),
    ttls: trace.ttls.subarray(0, rows),
    keyBytes: trace.keyBytes.subarray(0, keyCount),
  });
}
