import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { lfu } from '../../../src/policies/reference/lfu.ts';
import { NaiveLfu } from '../../reference/naive-lfu.ts';
import { evictsWhatTheModelEvicts } from './same-victims.ts';
import { TinyServer } from './tiny-server.ts';

describe('lfu', () => {
  it('evicts what counts sorted at every eviction say', () => {
    evictsWhatTheModelEvicts(lfu, () => new NaiveLfu());
  });

  it('spares the key touched more often, even if longer ago: A A B, evict B', () => {
    const server = new TinyServer(lfu, 2);
    server.set(0, 1);
    server.get(0);
    server.set(1, 1);
    assert.equal(server.evict(), 1);
  });

  it('evicts the longest untouched of equally frequent keys: A B B A, evict B', () => {
    const server = new TinyServer(lfu, 2);
    server.set(0, 1);
    server.set(1, 1);
    server.get(1);
    server.get(0);
    assert.equal(server.evict(), 1);
  });

  it('forgets how often an evicted key was used', () => {
    const server = new TinyServer(lfu, 2);
    server.set(0, 1);
    for (let i = 0; i < 10; i++) server.get(0);
    server.evict();
    server.set(0, 1);
    server.set(1, 1);
    server.get(1);
    assert.equal(server.evict(), 0);
  });
});
