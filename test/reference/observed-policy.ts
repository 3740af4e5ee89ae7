import type { PolicyDefinition, RemovalReason } from '../../src/policies/policy.ts';
import { NO_VICTIM } from '../../src/policies/policy.ts';

/** What passed between the engine and a policy. */
export type PolicyEvent =
  | {
      readonly kind: 'victim';
      readonly id: number;
      readonly isResident: boolean;
      readonly isVolatile: boolean;
    }
  | { readonly kind: 'no victim'; readonly residents: number; readonly volatileKeys: number }
  | { readonly kind: 'removed'; readonly id: number; readonly reason: RemovalReason };

/** The same policy, writing to `log` whom it chose, in what state that key was, and who left. */
export function observed(definition: PolicyDefinition, log: PolicyEvent[]): PolicyDefinition {
  return {
    ...definition,
    create(context) {
      const policy = definition.create(context);
      const { records, keyspace } = context;
      return {
        onHit: (slot) => {
          policy.onHit(slot);
        },
        onInsert: (slot) => {
          policy.onInsert(slot);
        },
        onRemove: (slot, reason) => {
          log.push({ kind: 'removed', id: records.ids[slot], reason });
          policy.onRemove(slot, reason);
        },
        chooseVictim: () => {
          const slot = policy.chooseVictim();
          if (slot === NO_VICTIM) {
            const { main, expires } = keyspace;
            log.push({ kind: 'no victim', residents: main.size, volatileKeys: expires.size });
          } else {
            const id = records.ids[slot];
            const isResident = records.isResident(slot);
            log.push({ kind: 'victim', id, isResident, isVolatile: records.isVolatile(slot) });
          }
          return slot;
        },
        checkInvariants: () => policy.checkInvariants?.(),
      };
    },
  };
}
