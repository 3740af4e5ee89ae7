import { createHash } from 'node:crypto';
import type { Trace } from '../../src/trace/trace.ts';

/** SHA-256 over the columns of a trace, as little-endian bytes, and its shape. */
export function hashTrace(trace: Trace): string {
  const hash = createHash('sha256');
  hash.update(`${trace.rows} ${trace.keyCount} ${trace.tickMs}\n`);
  for (const column of [trace.times, trace.keys, trace.valueBytes, trace.ttls, trace.keyBytes]) {
    const bytes = Buffer.alloc(column.length * 4);
    column.forEach((value, i) => bytes.writeUInt32LE(value, i * 4));
    hash.update(bytes);
  }
  return hash.update(Uint8Array.from(trace.ops)).digest('hex');
}
