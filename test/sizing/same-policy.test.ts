import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { twinOf, withoutIdlePolicy } from '../../src/sizing/same-policy.ts';
import { CELL, FACTS } from './points.ts';

const POLICIES = ['volatile-lru', 'volatile-ttl', 'allkeys-lfu', 'noeviction'];

describe('policies that come to the same', () => {
  it('are noeviction and those for keys with a TTL, where no key has one', () => {
    const run = (hasTtl: boolean): string[] =>
      POLICIES.map((policy) => withoutIdlePolicy({ ...CELL, policy }, { ...FACTS, hasTtl }).policy);
    assert.deepEqual(run(true), POLICIES);
    assert.deepEqual(run(false), ['noeviction', 'noeviction', 'allkeys-lfu', 'noeviction']);
  });

  it('are those for all keys and for keys with a TTL, where all have one', () => {
    const run = (allHaveTtl: boolean): string[] =>
      POLICIES.map((policy) => twinOf({ ...CELL, policy }, { ...FACTS, allHaveTtl }).policy);
    assert.deepEqual(run(false), POLICIES);
    assert.deepEqual(run(true), ['allkeys-lru', 'volatile-ttl', 'allkeys-lfu', 'noeviction']);
  });
});
