import { EXPIRE, GET, PERSIST, SETXX, TOUCH } from '../../trace/operations.ts';
import type { Trace } from '../../trace/trace.ts';

/** The next use of a key that has none. */
export const NEVER_USED = 0xffff_ffff;

const known = new WeakMap<Trace, Uint32Array>();

/**
 * Per row of a trace, the row at which its key is next looked up with what it holds after this row: NEVER_USED when
 * there is no such row, or when the key is overwritten or deleted first, so that being resident until then gains nothing.
 *
 * `get` and `touch` look up. `set`, `setkeep`, `setnx` and `incr` make the key present whether it was or not, and `del`
 * and an `expire` of 0 make it absent: whatever it held is of no more use. Other `expire`, `persist` and `setxx` act on
 * a key only if it is there, so they neither count nor end the search.
 *
 * Computed once per trace in one pass backwards, shared by all cells of a thread; 4 bytes per row.
 */
export function nextUsesOf(trace: Trace): Uint32Array {
  let nextUses = known.get(trace);
  if (nextUses === undefined) {
    nextUses = findNextUses(trace);
    known.set(trace, nextUses);
  }
  return nextUses;
}

function findNextUses(trace: Trace): Uint32Array {
  const { rows, ops, keys, ttls } = trace;
  const nextUses = new Uint32Array(rows);
  const upcoming = new Uint32Array(trace.keyCount).fill(NEVER_USED);
  for (let row = rows - 1; row >= 0; row--) {
    const id = keys[row];
    const op = ops[row];
    nextUses[row] = upcoming[id]!;
    if (op === GET || op === TOUCH) upcoming[id] = row;
    else if (op === PERSIST || op === SETXX || (op === EXPIRE && ttls[row] !== 0)) continue;
    else upcoming[id] = NEVER_USED;
  }
  return nextUses;
}
