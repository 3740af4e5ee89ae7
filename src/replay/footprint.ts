import { footprintBytes } from '../engine/footprint.ts';
import type { Allocator, ServerProfile } from '../servers/profile.ts';
import { DEL, EXPIRE, INCR, PERSIST, SET, TOUCH } from '../trace/operations.ts';
import type { SpooledTrace } from '../trace/spool.ts';
import { allocateRows, type Trace } from '../trace/trace.ts';
import { NO_TTL } from '../trace/ttl.ts';
import { windowsOf, type AnyTrace } from '../trace/window.ts';

/** {@link footprintBytes} of a trace wherever its rows are. */
export function footprintOf(trace: AnyTrace, profile: ServerProfile, allocator: Allocator): number {
  return footprintBytes('spool' in trace ? largestWrites(trace) : trace, profile, allocator);
}

/** A trace of one row per key with the same footprint: a SET of the largest value the key ever has, a DEL if it has none. */
function largestWrites(trace: SpooledTrace): Trace {
  const { name, keyCount, keyBytes, tickMs } = trace;
  const { times, ops, keys, valueBytes, ttls } = allocateRows(keyCount);
  ops.fill(DEL);
  ttls.fill(NO_TTL);
  for (let id = 0; id < keyCount; id++) keys[id] = id;
  for (const { columns, rows } of windowsOf(trace, ['ops', 'keys', 'valueBytes', 'ttls'])) {
    for (let row = 0; row < rows; row++) {
      const op = columns.ops[row];
      if (op === DEL || op === EXPIRE || op === TOUCH || op === PERSIST) continue;
      const id = columns.keys[row];
      ops[id] = SET;
      if (op !== INCR) valueBytes[id] = Math.max(valueBytes[id], columns.valueBytes[row]);
      if (columns.ttls[row] !== NO_TTL) ttls[id] = 0;
    }
  }
  return { name, rows: keyCount, keyCount, tickMs, times, ops, keys, valueBytes, ttls, keyBytes };
}
