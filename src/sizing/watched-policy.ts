import type { PolicyDefinition } from '../policies/policy.ts';
import { DEL, EXPIRE, INCR, PERSIST, SETKEEP } from '../trace/operations.ts';
import type { Trace } from '../trace/trace.ts';
import { NO_TTL } from '../trace/ttl.ts';
import type { KeyPages } from './key-pages.ts';
import { withListener } from './listening.ts';

/** The same policy; what it hears of keys becomes writes to their pages. */
export function watched(
  definition: PolicyDefinition,
  trace: Trace,
  keyPages: KeyPages,
): PolicyDefinition {
  return withListener(definition, ({ clock, records, profile }) => {
    // A row's first news of its key says that it writes; the row itself says what.
    let writtenRow = -1;
    const onWrite = (slot: number): void => {
      if (clock.row === writtenRow) return;
      writtenRow = clock.row;
      applyRow(trace, clock.row, records.ids[slot], keyPages);
    };
    // Policies that keep accesses in the key's own object read them there.
    const writesScored = definition.needsOwnValueObjects && profile.scoringStoresAccess;
    const onScored = (slots: Int32Array, count: number): void => {
      for (let i = 0; i < count; i++) keyPages.touch(records.ids[slots[i]]);
    };
    return {
      ...(writesScored && { onScored }),
      onInsert: onWrite,
      onModify: onWrite,
      onRemove: (slot) => {
        keyPages.remove(records.ids[slot]);
      },
    };
  });
}

function applyRow(trace: Trace, row: number, id: number, keyPages: KeyPages): void {
  const op = trace.ops[row];
  const hasTtl = trace.ttls[row] !== NO_TTL;
  if (op === EXPIRE) keyPages.changeTtl(id, true);
  else if (op === PERSIST) keyPages.changeTtl(id, false);
  else if (op === INCR) keyPages.store(id, 0, 'integer', keyPages.hasTtl(id));
  else if (op === SETKEEP) {
    keyPages.store(id, trace.valueBytes[row], 'string', keyPages.hasTtl(id) || hasTtl);
  } else if (op !== DEL) keyPages.store(id, trace.valueBytes[row], 'string', hasTtl);
}
