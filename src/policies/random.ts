import type { KeyTable } from '../keyspace/key-table.ts';
import { NO_VICTIM, type Policy, type PolicyContext, type PolicyDefinition } from './policy.ts';

/** The table's own random entry: no pool, no scores, and not quite uniform where the table is not. */
class RandomKey implements Policy {
  private readonly table: KeyTable;

  constructor(context: PolicyContext, volatileOnly: boolean) {
    this.table = volatileOnly ? context.keyspace.expires : context.keyspace.main;
  }

  onHit(): void {}

  onHits(): void {}

  onInsert(): void {}

  onRemove(): void {}

  hasVictims(): boolean {
    return this.table.size > 0;
  }

  chooseVictim(): number {
    return this.table.size === 0 ? NO_VICTIM : this.table.randomKey();
  }
}

const shared = {
  family: 'server',
  needsOwnValueObjects: false,
  source: 'evict.c, performEvictions; dict.c, dictGetRandomKey',
} as const;

export const allkeysRandom = {
  ...shared,
  name: 'allkeys-random',
  summary: 'a random key',
  volatileOnly: false,
  create: (context) => new RandomKey(context, false),
} satisfies PolicyDefinition;

export const volatileRandom = {
  ...shared,
  name: 'volatile-random',
  summary: 'a random key among those with a TTL; writes fail when there are none',
  volatileOnly: true,
  create: (context) => new RandomKey(context, true),
} satisfies PolicyDefinition;
