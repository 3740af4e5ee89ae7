import { createHash } from 'node:crypto';
import type { CellResult } from '../replay/cell.ts';
import type { Trace } from '../trace/trace.ts';
import type { Metrics } from './task.ts';

/** What a replay decides. The limit is among them: as a share of the footprint it depends on the memory model. */
export function replayMetrics(result: CellResult): Metrics {
  return {
    maxmemory_bytes: result.cell.maxmemoryBytes,
    requests: result.requests,
    hits: result.hits,
    misses: result.misses,
    hit_bytes: result.hitBytes,
    lookup_bytes: result.lookupBytes,
    evicted_keys: result.evictedKeys,
    expired_keys: result.expiredKeys,
    oom_errors: result.oomErrors,
    keys: result.keys,
    used_memory_bytes: result.usedMemoryBytes,
    peak_memory_bytes: result.peakMemoryBytes,
  };
}

/** What making a trace decides: every byte of it, as a hash. */
export function traceMetrics(trace: Trace): Metrics {
  return { requests: trace.rows, keys: trace.keyCount, trace_sha256: traceHash(trace) };
}

/** SHA-256 over the columns of a trace and its shape. */
export function traceHash(trace: Trace): string {
  const hash = createHash('sha256').update(`${trace.rows} ${trace.keyCount} ${trace.tickMs}\n`);
  const { times, ops, keys, valueBytes, ttls, keyBytes } = trace;
  for (const { buffer, byteOffset, byteLength } of [times, ops, keys, valueBytes, ttls, keyBytes]) {
    hash.update(new Uint8Array(buffer, byteOffset, byteLength));
  }
  return hash.digest('hex');
}
