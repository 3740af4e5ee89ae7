import type { Trace } from './trace.ts';

/** A trace like another but for some columns. Names of keys are still made only when something asks for them. */
export function derive(trace: Trace, changes: Partial<Omit<Trace, 'keyNames'>>): Trace {
  const { name, rows, keyCount, tickMs, times, ops, keys, valueBytes, ttls, keyBytes } = trace;
  const columns = { name, rows, keyCount, tickMs, times, ops, keys, valueBytes, ttls, keyBytes };
  return Object.defineProperty({ ...columns, ...changes }, 'keyNames', {
    get: () => trace.keyNames,
  });
}
