import { rounderOf } from '../memory/size-classes.ts';
import type { Allocator, ServerProfile } from '../servers/profile.ts';
import { GET, INCR, SET, SETKEEP, SETNX, SETXX } from '../trace/operations.ts';
import { NO_TTL } from '../trace/ttl.ts';
import { type AnyTrace, windowsOf } from '../trace/window.ts';

/**
 * Bytes that all keys of a trace take on a server when every one is stored at once: each key at the largest value it
 * ever has, with a TTL if it ever has one, and the hash tables that hold them. No eviction, no expiry.
 * What `--maxmemory 10%` is a share of.
 */
export function footprintBytes(
  trace: AnyTrace,
  profile: ServerProfile,
  allocator: Allocator,
): number {
  const round = rounderOf(allocator);
  const layout = profile.stringLayout(round);
  const largest = new Float64Array(trace.keyCount).fill(-1);
  const hasTtl = new Uint8Array(trace.keyCount);
  for (const { columns, rows } of windowsOf(trace, ['ops', 'keys', 'valueBytes', 'ttls'])) {
    const { ops, keys, valueBytes, ttls } = columns;
    for (let row = 0; row < rows; row++) {
      const op = ops[row];
      const stores = op === GET || op === SET || op === SETNX || op === SETXX || op === SETKEEP;
      if (!stores && op !== INCR) continue;
      const id = keys[row];
      const value = stores ? valueBytes[row] : 0;
      if (value > largest[id]) largest[id] = value;
      if (ttls[row] !== NO_TTL) hasTtl[id] = 1;
    }
  }
  let keys = 0;
  let volatileKeys = 0;
  let bytes = 0;
  for (let id = 0; id < trace.keyCount; id++) {
    if (largest[id] < 0) continue;
    keys++;
    if (hasTtl[id]) volatileKeys++;
    bytes += layout.entryBytes(trace.keyBytes[id], largest[id], 'string', hasTtl[id] !== 0);
  }
  return (
    bytes +
    profile.tableBytes('main', keys, round) +
    profile.tableBytes('expires', volatileKeys, round)
  );
}
