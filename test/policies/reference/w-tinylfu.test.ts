import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PolicyDefinition } from '../../../src/policies/policy.ts';
import { lru } from '../../../src/policies/reference/lru.ts';
import { wTinyLfu } from '../../../src/policies/reference/w-tinylfu.ts';
import { NaiveWTinyLfu } from '../../reference/naive-w-tinylfu.ts';
import { evictsWhatTheModelEvicts } from './same-victims.ts';
import { TinyServer } from './tiny-server.ts';

function withKeys(count: number): TinyServer {
  const server = new TinyServer(wTinyLfu, 1000);
  for (let id = 0; id < count; id++) server.set(id, 1);
  return server;
}

describe('w-tinylfu', () => {
  it('evicts what three arrays and exact counts say', () => {
    evictsWhatTheModelEvicts(wTinyLfu, (server) => new NaiveWTinyLfu(server));
  });

  it('keeps frequent keys through a scan that empties an LRU cache: 100 keys read twice, then 500 once', () => {
    const keptBy = (definition: PolicyDefinition): number => {
      const server = new TinyServer(definition, 1000);
      for (let id = 0; id < 300; id++) server.lookAside(id % 100, 100);
      for (let id = 100; id < 600; id++) server.lookAside(id, 100);
      let kept = 0;
      for (let id = 0; id < 100; id++) if (server.has(id)) kept++;
      return kept;
    };
    assert.equal(keptBy(lru), 0);
    // Two seats are the newcomer's in the window and the candidate's behind it; collisions in the sketch cost a few.
    assert.ok(keptBy(wTinyLfu) >= 95, `${keptBy(wTinyLfu)} kept`);
  });

  it('evicts a candidate that is no more frequent than the key it would replace', () => {
    const server = withKeys(4);
    // The window holds 3; 2 fell out of it last and stands against 0: one touch each.
    assert.equal(server.evict(), 2);
  });

  it('elects a candidate that was seen more often, even in a life before its eviction', () => {
    const server = withKeys(4);
    for (let i = 0; i < 3; i++) server.get(2);
    server.set(4, 1);
    // 3 stands against 0 and loses the tie.
    assert.equal(server.evict(), 3);
    server.set(3, 1);
    server.set(5, 1);
    // 3 is back, with two touches on record, and stands against 0, which has one.
    assert.equal(server.evict(), 0);
    assert.ok(server.has(3));
  });

  it('protects a key touched in probation: it outlives one that was not', () => {
    const server = withKeys(6);
    server.get(0);
    const victims = Array.from({ length: 5 }, () => server.evict());
    assert.deepEqual(victims, [4, 1, 2, 3, 0]);
    assert.ok(server.has(5), 'the window goes last');
  });
});
