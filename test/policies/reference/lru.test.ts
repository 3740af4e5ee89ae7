import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NO_VICTIM } from '../../../src/policies/policy.ts';
import { lru } from '../../../src/policies/reference/lru.ts';
import { NaiveLru } from '../../reference/naive-lru.ts';
import { evictsWhatTheModelEvicts } from './same-victims.ts';
import { TinyServer } from './tiny-server.ts';

describe('lru', () => {
  it('evicts what an array in order of touches says', () => {
    evictsWhatTheModelEvicts(lru, () => new NaiveLru());
  });

  it('spares the key that was read last: A B, read A, evict B', () => {
    const server = new TinyServer(lru, 2);
    server.set(0, 1);
    server.set(1, 1);
    server.get(0);
    assert.equal(server.evict(), 1);
  });

  it('counts an overwrite as a touch', () => {
    const server = new TinyServer(lru, 2);
    server.set(0, 1);
    server.set(1, 1);
    server.set(0, 1);
    assert.equal(server.evict(), 1);
  });

  it('has no victim when nothing is resident', () => {
    assert.equal(new TinyServer(lru, 2).evict(), NO_VICTIM);
  });
});
