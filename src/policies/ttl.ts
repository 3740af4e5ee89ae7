import { KernelPolicy } from './kernel-policy.ts';
import type { PolicyDefinition } from './policy.ts';

export const volatileTtl = {
  name: 'volatile-ttl',
  family: 'server',
  summary:
    'the soonest to expire of a few sampled keys with a TTL; writes fail when there are none',
  source: 'evict.c, evictionPoolPopulate',
  volatileOnly: true,
  needsOwnValueObjects: false,
  create: (context) => new KernelPolicy(context, 'time-to-live', { volatileOnly: true }),
} satisfies PolicyDefinition;
