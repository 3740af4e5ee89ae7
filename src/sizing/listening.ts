import type { Policy, PolicyContext, PolicyDefinition } from '../policies/policy.ts';

/** What somebody else wants to hear of the keys, each before the policy does. */
export interface Listener {
  onHit?(slot: number): void;
  onInsert?(slot: number): void;
  onModify?(slot: number): void;
  onRemove?(slot: number): void;
  readonly onScored?: (slots: Int32Array, count: number) => void;
}

/** The same policy, and a listener to what it is told. */
export function withListener(
  definition: PolicyDefinition,
  listenerFor: (context: PolicyContext) => Listener,
): PolicyDefinition {
  return {
    ...definition,
    create(context): Policy {
      const listener = listenerFor(context);
      const policy = definition.create(
        listener.onScored ? { ...context, onScored: listener.onScored } : context,
      );
      return {
        onHit: (slot) => {
          listener.onHit?.(slot);
          policy.onHit(slot);
        },
        onInsert: (slot) => {
          listener.onInsert?.(slot);
          policy.onInsert(slot);
        },
        onModify: (slot) => {
          listener.onModify?.(slot);
          policy.onModify?.(slot);
        },
        onRemove: (slot, reason) => {
          listener.onRemove?.(slot);
          policy.onRemove(slot, reason);
        },
        chooseVictim: () => policy.chooseVictim(),
        ...(policy.hasVictims && { hasVictims: () => policy.hasVictims!() }),
      };
    },
  };
}
