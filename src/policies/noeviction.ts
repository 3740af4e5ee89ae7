import { NO_VICTIM, type Policy, type PolicyDefinition } from './policy.ts';

/** Never gives a victim: at the limit, commands that may need memory are refused. */
class NoEviction implements Policy {
  onHit(): void {}

  onHits(): void {}

  onInsert(): void {}

  onRemove(): void {}

  hasVictims(): boolean {
    return false;
  }

  chooseVictim(): number {
    return NO_VICTIM;
  }
}

export const noeviction = {
  name: 'noeviction',
  family: 'server',
  summary: 'nothing is evicted; at the limit, writes are refused with an OOM error',
  source: 'evict.c, performEvictions',
  volatileOnly: false,
  needsOwnValueObjects: false,
  create: () => new NoEviction(),
} satisfies PolicyDefinition;
