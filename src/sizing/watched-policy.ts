import type { Policy, PolicyDefinition } from '../policies/policy.ts';
import { DEL, EXPIRE, INCR, PERSIST, SETKEEP } from '../trace/operations.ts';
import type { Trace } from '../trace/trace.ts';
import { NO_TTL } from '../trace/ttl.ts';
import type { KeyPages } from './key-pages.ts';

/** The same policy; what it hears of keys becomes writes to their pages. */
export function watched(
  definition: PolicyDefinition,
  trace: Trace,
  keyPages: KeyPages,
): PolicyDefinition {
  return {
    ...definition,
    create(context): Policy {
      const { clock, records, profile } = context;
      const onScored = (slots: Int32Array, count: number): void => {
        for (let i = 0; i < count; i++) keyPages.touch(records.ids[slots[i]]);
      };
      // Policies that keep accesses in the key's own object read them there.
      const writesScored = definition.needsOwnValueObjects && profile.scoringStoresAccess;
      const policy = definition.create(writesScored ? { ...context, onScored } : context);
      // A row's first news of its key says that it writes; the row itself says what.
      let writtenRow = -1;
      const onWrite = (slot: number): void => {
        if (clock.row === writtenRow) return;
        writtenRow = clock.row;
        applyRow(trace, clock.row, records.ids[slot], keyPages);
      };
      return {
        onHit: (slot) => {
          policy.onHit(slot);
        },
        onInsert: (slot) => {
          onWrite(slot);
          policy.onInsert(slot);
        },
        onModify: (slot) => {
          onWrite(slot);
          policy.onModify?.(slot);
        },
        onRemove: (slot, reason) => {
          keyPages.remove(records.ids[slot]);
          policy.onRemove(slot, reason);
        },
        chooseVictim: () => policy.chooseVictim(),
        ...(policy.hasVictims && { hasVictims: () => policy.hasVictims!() }),
        ...(policy.peek && { peek: (count: number) => policy.peek!(count) }),
      };
    },
  };
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
