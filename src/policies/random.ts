import { KernelPolicy } from './kernel-policy.ts';
import type { PolicyDefinition } from './policy.ts';

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
  create: (context) => new KernelPolicy(context, 'random', { volatileOnly: false }),
} satisfies PolicyDefinition;

export const volatileRandom = {
  ...shared,
  name: 'volatile-random',
  summary: 'a random key among those with a TTL; writes fail when there are none',
  volatileOnly: true,
  create: (context) => new KernelPolicy(context, 'random', { volatileOnly: true }),
} satisfies PolicyDefinition;
