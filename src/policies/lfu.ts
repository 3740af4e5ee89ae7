import { KernelPolicy } from './kernel-policy.ts';
import type { PolicyDefinition } from './policy.ts';

const shared = {
  family: 'server',
  needsOwnValueObjects: true,
  source: 'evict.c, LFULogIncr and LFUDecrAndReturn',
} as const;

export const allkeysLfu = {
  ...shared,
  name: 'allkeys-lfu',
  summary: 'the least counted of a few sampled keys, by an 8-bit logarithmic counter that decays',
  volatileOnly: false,
  create: (context) => new KernelPolicy(context, 'access-frequency', { volatileOnly: false }),
} satisfies PolicyDefinition;

export const volatileLfu = {
  ...shared,
  name: 'volatile-lfu',
  summary: 'allkeys-lfu among the keys with a TTL; writes fail when there are none',
  volatileOnly: true,
  create: (context) =>
    new KernelPolicy(context, 'access-frequency', { volatileOnly: true, looksUpMain: true }),
} satisfies PolicyDefinition;
