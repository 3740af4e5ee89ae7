import { KernelPolicy } from './kernel-policy.ts';
import type { PolicyDefinition } from './policy.ts';

export const noeviction = {
  name: 'noeviction',
  family: 'server',
  summary: 'nothing is evicted; at the limit, writes are refused with an OOM error',
  source: 'evict.c, performEvictions',
  volatileOnly: false,
  needsOwnValueObjects: false,
  create: (context) => new KernelPolicy(context, 'none', { volatileOnly: false }),
} satisfies PolicyDefinition;
