import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { REMOVED_BY_EXPIRY } from '../../../src/policies/policy.ts';
import { s3Fifo } from '../../../src/policies/reference/s3-fifo.ts';
import { NaiveS3Fifo } from '../../reference/naive-s3-fifo.ts';
import { evictsWhatTheModelEvicts } from './same-victims.ts';
import { TinyServer } from './tiny-server.ts';

function withKeys(count: number): TinyServer {
  const server = new TinyServer(s3Fifo, 100);
  for (let id = 0; id < count; id++) server.set(id, 1);
  return server;
}

describe('s3-fifo', () => {
  it('evicts what three arrays say', () => {
    evictsWhatTheModelEvicts(s3Fifo, (server) => new NaiveS3Fifo(server));
  });

  it('evicts keys used at most once after insertion in order of arrival: 0 1*, evict 0, then 1', () => {
    const server = withKeys(3);
    server.get(1);
    assert.deepEqual([server.evict(), server.evict()], [0, 1]);
  });

  it('promotes a key with two touches: of 0** 1 2 the key 1 goes first', () => {
    const server = withKeys(3);
    server.get(0);
    server.get(0);
    assert.equal(server.evict(), 1);
  });

  it('takes a ghost back into main, where a stream of new keys cannot reach it', () => {
    const server = withKeys(10);
    assert.equal(server.evict(), 0);
    server.set(0, 1);
    for (let id = 10; id < 60; id++) {
      assert.notEqual(server.evict(), 0);
      server.set(id, 1);
    }
    assert.ok(server.has(0));
  });

  it('makes no ghost of a key that expired', () => {
    const server = withKeys(10);
    server.remove(0, REMOVED_BY_EXPIRY);
    server.set(0, 1);
    // Back in the small queue behind 1 … 9: it goes when its turn has come.
    const victims = Array.from({ length: 10 }, () => server.evict());
    assert.deepEqual(victims, [1, 2, 3, 4, 5, 6, 7, 8, 9, 0]);
  });

  it('forgets a ghost after as many evictions as main has room for keys', () => {
    const server = withKeys(10);
    server.evict();
    // Ten resident keys at each of these evictions: nine ghosts at most, and 0 is the oldest.
    for (let id = 10; id < 20; id++) {
      server.set(id, 1);
      server.evict();
    }
    server.set(0, 1);
    const order = Array.from({ length: 10 }, () => server.evict());
    assert.equal(order.at(-1), 0, 'key 0 waits at the end of the small queue, not in main');
    assert.equal(order[0], 11);
  });

  it('clears the touches of a key that it promotes', () => {
    const server = withKeys(4);
    for (const id of [0, 1]) for (let i = 0; i < 2; i++) server.get(id);
    assert.deepEqual([server.evict(), server.evict()], [2, 3]);
    server.get(1);
    assert.deepEqual([server.evict(), server.evict()], [0, 1]);
  });

  it('gives a main key one more round per touch, three at most: nine touches last no longer', () => {
    const server = withKeys(4);
    for (const id of [0, 1]) for (let i = 0; i < 2; i++) server.get(id);
    assert.deepEqual([server.evict(), server.evict()], [2, 3]);
    for (let i = 0; i < 9; i++) server.get(0);
    for (let i = 0; i < 3; i++) server.get(1);
    assert.deepEqual([server.evict(), server.evict()], [0, 1]);
  });

  it('weighs the small queue in bytes: one big new key fills it', () => {
    const server = new TinyServer(s3Fifo, 20);
    for (let id = 0; id < 10; id++) {
      server.set(id, 10);
      server.get(id);
      server.get(id);
    }
    server.set(10, 5);
    // All ten are promoted on the way: small then holds 5 of 105 bytes, and main gives.
    assert.equal(server.evict(), 0);
    server.set(11, 5);
    // 10 of 100 bytes are 10 %: small gives.
    assert.equal(server.evict(), 10);
    assert.equal(server.evict(), 1, 'small holds 5 of 95 bytes again');
    server.set(12, 20);
    assert.equal(server.evict(), 11, 'small holds 25 of 105 bytes');
  });
});
