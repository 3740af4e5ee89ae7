import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { REMOVED_BY_EXPIRY } from '../../../src/policies/policy.ts';
import { sieve } from '../../../src/policies/reference/sieve.ts';
import { NaiveSieve } from '../../reference/naive-sieve.ts';
import { evictsWhatTheModelEvicts } from './same-victims.ts';
import { TinyServer } from './tiny-server.ts';

const [A, B, C, D, E] = [0, 1, 2, 3, 4] as const;

function withKeys(...ids: number[]): TinyServer {
  const server = new TinyServer(sieve, 5);
  for (const id of ids) server.set(id, 1);
  return server;
}

describe('sieve', () => {
  it('evicts what an array with an index for a hand says', () => {
    evictsWhatTheModelEvicts(sieve, () => new NaiveSieve());
  });

  it('spares a touched key once and stays where it evicted: A* B* C D, evict C, then D, then A', () => {
    const server = withKeys(A, B, C, D);
    server.get(A);
    server.get(B);
    assert.equal(server.evict(), C);
    assert.equal(server.evict(), D);
    // Past the newest the hand starts again at the oldest, whose touch is used up.
    assert.equal(server.evict(), A);
  });

  it('tries a newcomer before a survivor: A* B C, evict B; after D and E arrive, C, D, E go before A', () => {
    const server = withKeys(A, B, C);
    server.get(A);
    assert.equal(server.evict(), B);
    server.set(D, 1);
    server.set(E, 1);
    assert.deepEqual([server.evict(), server.evict(), server.evict()], [C, D, E]);
    assert.equal(server.evict(), A);
  });

  it('goes on at the next newer key when the one under the hand expires', () => {
    const server = withKeys(A, B, C, D);
    server.get(A);
    assert.equal(server.evict(), B);
    server.remove(C, REMOVED_BY_EXPIRY);
    assert.equal(server.evict(), D);
  });

  it('forgets the touches of a key that left', () => {
    const server = withKeys(A, B);
    server.get(A);
    server.remove(A, REMOVED_BY_EXPIRY);
    server.set(A, 1);
    server.get(B);
    assert.equal(server.evict(), A);
  });
});
