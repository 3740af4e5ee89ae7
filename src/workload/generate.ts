import { setImmediate } from 'node:timers/promises';
import type { Spool, SpooledTrace } from '../trace/spool.ts';
import { allocateRows, allocateTrace, type Trace } from '../trace/trace.ts';
import { windowsOf } from '../trace/window.ts';
import { RequestRows } from './request-rows.ts';
import type { WorkloadSpec } from './spec.ts';

/**
 * The trace of a workload: `spec.requests` rows over dense key ids, numbered in order of first appearance. A pure function of
 * `spec`: integer randomness and portable arithmetic give the same bytes on every platform. A `get` row carries the value
 * size and TTL of the SET that fills its miss. Takes 17 bytes a request, and while it runs up to 16 a key. Throws UsageError
 * when that is more than there is, or when the groups have more than 2^32 keys.
 */
export function generate(spec: WorkloadSpec): Trace {
  const { name, requests } = spec;
  const generator = new RequestRows(spec);
  const trace = allocateTrace(name, requests, 0, generator.tickMs);
  generator.draw(trace, requests);
  generator.finisher.fillValues(trace, requests);
  return { ...trace, ...generator.finisher.keys() };
}

/**
 * The same trace, its rows in a spool: one chunk of them is in memory. Throws UsageError as well when the disk has no room
 * for it, and the signal's reason when it is given up.
 */
export async function generateSpooled(
  spec: WorkloadSpec,
  spool: Spool,
  signal?: AbortSignal,
): Promise<SpooledTrace> {
  const { name, requests } = spec;
  const generator = new RequestRows(spec);
  const { tickMs, finisher } = generator;
  const { chunkRows } = spool.file;
  spool.reserve(requests);
  const rows = allocateRows(Math.min(chunkRows, requests), tickMs);
  for (let first = 0; first < requests; first += chunkRows) {
    const count = Math.min(chunkRows, requests - first);
    generator.draw(rows, count);
    spool.write(first / chunkRows, rows, count, ['times', 'keys', 'ops']);
    await breath(signal);
  }
  const trace = { name, rows: requests, tickMs, ...finisher.keys(), spool: spool.file };
  for (const window of windowsOf(trace, ['keys', 'ops'])) {
    finisher.fillValues(window.columns, window.rows);
    spool.write(window.first / chunkRows, window.columns, window.rows, ['valueBytes', 'ttls']);
    await breath(signal);
  }
  return trace;
}

/** Lets the process hear of signals between two chunks. */
async function breath(signal: AbortSignal | undefined): Promise<void> {
  await setImmediate();
  signal?.throwIfAborted();
}
