import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { REMOVED_BY_COMMAND } from '../../../src/policies/policy.ts';
import { fifo } from '../../../src/policies/reference/fifo.ts';
import { NaiveFifo } from '../../reference/naive-fifo.ts';
import { evictsWhatTheModelEvicts } from './same-victims.ts';
import { TinyServer } from './tiny-server.ts';

describe('fifo', () => {
  it('evicts what an array in order of arrival says', () => {
    evictsWhatTheModelEvicts(fifo, () => new NaiveFifo());
  });

  it('evicts the oldest key however much it is used: A B, read A, overwrite A, evict A', () => {
    const server = new TinyServer(fifo, 2);
    server.set(0, 1);
    server.set(1, 1);
    server.get(0);
    server.set(0, 1);
    assert.equal(server.evict(), 0);
  });

  it('sends a key that was deleted and written again to the end of the queue', () => {
    const server = new TinyServer(fifo, 2);
    server.set(0, 1);
    server.set(1, 1);
    server.remove(0, REMOVED_BY_COMMAND);
    server.set(0, 1);
    assert.equal(server.evict(), 1);
  });
});
