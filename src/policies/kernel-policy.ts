import type { Kernel } from '../keyspace/kernel.ts';
import * as lfuCounter from './lfu-counter.ts';
import type { Policy, PolicyContext } from './policy.ts';

const { incrementProbability, LFU_MAX } = lfuCounter;

/** The orders in which the kernel evicts (src/kernel/policy.ts), by their numbers there. */
export const ORDERS = {
  none: 0,
  random: 1,
  'idle-time': 2,
  'access-frequency': 3,
  'time-to-live': 4,
  'modification-time': 5,
  recency: 6,
} as const;

/** A policy that the kernel runs, all of the server's among them: the engine leaves it there unless somebody listens in. */
export class KernelPolicy implements Policy {
  protected readonly kernel: Kernel;

  /** `looksUpMain`: scoring looks the sampled key up again in the main table. */
  constructor(
    context: PolicyContext,
    order: keyof typeof ORDERS,
    { volatileOnly, looksUpMain = false }: { volatileOnly: boolean; looksUpMain?: boolean },
  ) {
    const { keyspace, settings, profile, onScored } = context;
    const { kernel } = keyspace;
    const { calls } = kernel;
    const samples = settings.maxmemorySamples;
    this.kernel = kernel;
    kernel.onScored = onScored;
    calls.setPolicy(
      ORDERS[order],
      Number(volatileOnly),
      samples,
      Number(looksUpMain),
      Number(profile.emptySampleRefuses),
      Number(onScored !== undefined),
    );
    if (order === 'access-frequency') {
      const chances = calls.setFrequencies(
        settings.lfuDecayTime,
        Number(profile.scoringStoresAccess),
      );
      kernel
        .float64s(chances, LFU_MAX)
        .forEach(
          (_, counter, all) =>
            (all[counter] = incrementProbability(counter, settings.lfuLogFactor)),
        );
    }
  }

  onHit(slot: number): void {
    this.kernel.calls.hit(slot);
  }

  onInsert(slot: number): void {
    this.kernel.calls.insertion(slot);
  }

  onModify(slot: number): void {
    this.kernel.calls.modification(slot);
  }

  /** The pool hears of it from the keyspace, and keeps the key: the server finds out only when it wants to evict it. */
  onRemove(slot: number): void {
    this.kernel.calls.removal(slot);
  }

  hasVictims(): boolean {
    return this.kernel.calls.hasCandidates() !== 0;
  }

  chooseVictim(): number {
    return this.kernel.calls.victim();
  }
}
