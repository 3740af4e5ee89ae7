export * from './operation-codes.ts';

/**
 * The operations a trace row can carry, by their code in `Trace.ops`. New ones go to the end: the code is stored.
 *
 * `get` is a lookup (look-aside when the run fills misses); `set` is a plain SET, with EX when the row has a TTL;
 * `setnx`, `setxx` and `setkeep` are SET with NX, XX and KEEPTTL.
 */
export const OPERATIONS = [
  'get',
  'set',
  'del',
  'incr',
  'expire',
  'touch',
  'persist',
  'setnx',
  'setxx',
  'setkeep',
] as const;

export type Operation = (typeof OPERATIONS)[number];
