import { UsageError } from '../errors.ts';
import { unknownName } from '../nearest.ts';
import { allkeysLfu, volatileLfu } from './lfu.ts';
import { allkeysLrm, volatileLrm } from './lrm.ts';
import { allkeysLru, volatileLru } from './lru.ts';
import { noeviction } from './noeviction.ts';
import type { PolicyDefinition } from './policy.ts';
import { allkeysRandom, volatileRandom } from './random.ts';
import { belady } from './reference/belady.ts';
import { fifo } from './reference/fifo.ts';
import { lfu } from './reference/lfu.ts';
import { lru } from './reference/lru.ts';
import { s3Fifo } from './reference/s3-fifo.ts';
import { sieve } from './reference/sieve.ts';
import { wTinyLfu } from './reference/w-tinylfu.ts';
import { volatileTtl } from './ttl.ts';

/** Every policy there is, in the order in which they are shown. */
export const POLICIES: readonly PolicyDefinition[] = [
  allkeysLru,
  allkeysLfu,
  allkeysLrm,
  allkeysRandom,
  volatileLru,
  volatileLfu,
  volatileLrm,
  volatileRandom,
  volatileTtl,
  noeviction,
  lru,
  lfu,
  fifo,
  s3Fifo,
  sieve,
  wTinyLfu,
  belady,
];

const byName = new Map(POLICIES.map((policy) => [policy.name, policy]));

/** The policy of that name. Throws UsageError with the nearest name. */
export function policyNamed(name: string): PolicyDefinition {
  const policy = byName.get(name);
  if (policy === undefined) {
    throw new UsageError(unknownName('policy', name, [...byName.keys()]));
  }
  return policy;
}
