import { describe, it } from 'node:test';
import type { PolicyDefinition } from '../../src/policies/policy.ts';
import { POLICIES } from '../../src/policies/registry.ts';
import * as laws from './laws.ts';
import { readsFollowWritesInPipelines, readsFollowWritesOneByOne } from './replay-laws.ts';

const LAWS: Readonly<Record<string, laws.Law>> = {
  'memory stays under the limit, but for the last write': laws.memoryStaysUnderTheLimit,
  'peak memory is never below what is used': laws.peakIsNeverBelowUse,
  'a victim is resident when it is chosen': laws.victimsAreResident,
  'victims are evicted, and nothing else is': laws.onlyVictimsAreEvicted,
  'a key without a TTL is never evicted': laws.keysWithoutTtlAreNeverEvicted,
  'nothing is ever evicted': laws.nothingIsEverEvicted,
  'it gives up only when there is no candidate': laws.giveUpOnlyWithoutCandidates,
  'what is refused is what the server refuses': laws.refusalsAreTheServers,
  'eviction starts strictly above the limit, arguments counted': laws.evictionStartsAboveTheLimit,
  'hits and misses are the lookups': laws.hitsAndMissesAreTheLookups,
  'what was stored is resident, evicted, expired, deleted or overwritten':
    laws.storedIsResidentOrGone,
  'keys, values and TTLs are those of a naive server': laws.contentsAreTheNaiveServers,
  'bytes are those of a naive recount': laws.bytesAreTheNaiveRecount,
  'every structure passes its own recount': laws.invariantsHold,
  'a written key hits until it is evicted, expired or deleted': laws.writtenKeysHit,
  'an expired key is never hit': laws.expiredKeysAreNeverHit,
  'the same seed gives the same run': laws.sameSeedSameRun,
  'another seed gives another run': laws.anotherSeedIsAnotherRun,
  'a read after a filled miss hits, one request at a time': readsFollowWritesOneByOne,
  'each key sees its requests in order, sixteen at a time': readsFollowWritesInPipelines,
};

/** Laws that cannot hold for some policies, and why. */
const SKIPPED: readonly {
  readonly law: string;
  readonly reason: string;
  readonly applies: (policy: PolicyDefinition) => boolean;
}[] = [
  {
    law: 'a key without a TTL is never evicted',
    reason: 'any key may be its victim',
    applies: (policy) => !policy.volatileOnly && policy.name !== 'noeviction',
  },
  {
    law: 'nothing is ever evicted',
    reason: 'it evicts',
    applies: (policy) => policy.name !== 'noeviction',
  },
  {
    law: 'it gives up only when there is no candidate',
    reason: 'it always gives up',
    applies: (policy) => policy.name === 'noeviction',
  },
  {
    law: 'another seed gives another run',
    reason: 'it chooses nothing',
    applies: (policy) => policy.name === 'noeviction',
  },
  {
    law: 'another seed gives another run',
    reason: 'it keeps an exact order of its own and throws no dice',
    applies: (policy) => policy.family === 'reference',
  },
];

for (const policy of POLICIES) {
  describe(policy.name, () => {
    for (const [law, check] of Object.entries(LAWS)) {
      const skip = SKIPPED.find((entry) => entry.law === law && entry.applies(policy));
      it(law, { skip: skip?.reason ?? false }, () => {
        check(policy);
      });
    }
  });
}
