import { KernelPolicy } from './kernel-policy.ts';
import type { PolicyDefinition } from './policy.ts';

const shared = {
  family: 'server',
  needsOwnValueObjects: true,
  source: 'Redis 8.6, pull request 14624; measured (docs/model.md, which key goes)',
} as const;

export const allkeysLrm = {
  ...shared,
  name: 'allkeys-lrm',
  summary: 'the longest unmodified of a few sampled keys, by a clock of whole seconds',
  volatileOnly: false,
  create: (context) => new KernelPolicy(context, 'modification-time', { volatileOnly: false }),
} satisfies PolicyDefinition;

export const volatileLrm = {
  ...shared,
  name: 'volatile-lrm',
  summary: 'allkeys-lrm among the keys with a TTL; writes fail when there are none',
  volatileOnly: true,
  create: (context) =>
    new KernelPolicy(context, 'modification-time', { volatileOnly: true, looksUpMain: true }),
} satisfies PolicyDefinition;
