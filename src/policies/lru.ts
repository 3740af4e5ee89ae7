import * as keyFlags from '../keyspace/key-flags.ts';
import { KernelPolicy } from './kernel-policy.ts';
import type { PolicyDefinition } from './policy.ts';

/** The LRU clock counts seconds in 24 bits: it wraps every 194 days. */
export const LRU_CLOCK_MAX = keyFlags.ACCESS_MASK;

const shared = {
  family: 'server',
  needsOwnValueObjects: true,
  source: 'evict.c, estimateObjectIdleTime and evictionPoolPopulate',
} as const;

export const allkeysLru = {
  ...shared,
  name: 'allkeys-lru',
  summary: 'the longest idle of a few sampled keys, by a clock of whole seconds',
  volatileOnly: false,
  create: (context) => new KernelPolicy(context, 'idle-time', { volatileOnly: false }),
} satisfies PolicyDefinition;

export const volatileLru = {
  ...shared,
  name: 'volatile-lru',
  summary: 'allkeys-lru among the keys with a TTL; writes fail when there are none',
  volatileOnly: true,
  create: (context) =>
    new KernelPolicy(context, 'idle-time', { volatileOnly: true, looksUpMain: true }),
} satisfies PolicyDefinition;
