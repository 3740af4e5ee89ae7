import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Engine } from '../../src/engine/engine.ts';
import { noeviction } from '../../src/policies/noeviction.ts';
import { arrive, oneServer, START_MS } from '../reference/one-server.ts';

/** The moment of the last tick, in whole seconds since the start: what the cached LRU clock shows. */
const lastTickS = (engine: Engine): number =>
  (engine.clock.lruSeconds - ((START_MS / 1000) & 0xff_ffff) + 2 ** 24) % 2 ** 24;

/** A server whose timer fires once per second, last at `START_MS + 10_000` because a request came then. */
function server(seed = 1): Engine {
  const engine = oneServer(noeviction, { hz: 1, seed });
  arrive(engine, START_MS + 10_000);
  assert.equal(lastTickS(engine), 10);
  return engine;
}

describe('timer', () => {
  it('ticks one period after the tick that an arrival brought', () => {
    const engine = server();
    arrive(engine, START_MS + 10_999);
    assert.equal(lastTickS(engine), 10);
    arrive(engine, START_MS + 11_000);
    assert.equal(lastTickS(engine), 11);
  });

  it('lets the requests that arrived go first', () => {
    const engine = server();
    engine.wake(START_MS + 11_500);
    assert.equal(lastTickS(engine), 10, 'they still read the clock of the last tick');
    engine.endEvents();
    assert.equal(lastTickS(engine), 11);
  });

  it('drifts with arrivals: a tick that is overdue runs when requests come', () => {
    const engine = server();
    arrive(engine, START_MS + 11_900);
    assert.equal(lastTickS(engine), 11);
    arrive(engine, START_MS + 12_899);
    assert.equal(lastTickS(engine), 11, 'the next one is due at 12.9 s');
    arrive(engine, START_MS + 12_900);
    assert.equal(lastTickS(engine), 12);
  });

  it('ticks on time while nothing arrives', () => {
    const engine = oneServer(noeviction, { hz: 10, keys: 100 });
    for (let id = 0; id < 33; id++) engine.set(id, 10);
    assert.ok(engine.database.keyspace.main.isRehashing);
    engine.wake(START_MS + 200);
    assert.equal(engine.database.keyspace.main.isRehashing, false, 'a tick ran without requests');
    // 50 keys of 1,000 are stale: each tick that runs on time finds some of them.
    const stale = oneServer(noeviction, { hz: 10, keys: 1000 });
    for (let id = 0; id < 1000; id++) stale.set(id, 10, id < 50 ? 1 : 10_000_000);
    arrive(stale, START_MS + 60_000);
    assert.ok(stale.database.counters.expiredKeys > 45, 'six hundred ticks look at 12,000 keys');
  });

  it('starts at a phase of its own for every seed', () => {
    const phases = new Set<number>();
    for (let seed = 0; seed < 50; seed++) {
      const engine = oneServer(noeviction, { hz: 1, seed });
      engine.set(0, 10, 1);
      let ms = 0;
      while (engine.database.counters.expiredKeys === 0) arrive(engine, START_MS + ++ms);
      assert.ok(ms <= 1001);
      phases.add(ms);
    }
    assert.ok(phases.size > 40);
  });

  it('passes long idle times quickly when there is nothing to do', () => {
    const engine = oneServer(noeviction, { hz: 500, resizesReplies: true });
    engine.set(0, 10);
    const tenYearsMs = 10 * 365.25 * 86_400_000;
    // 158 billion ticks, one by one, would not end.
    arrive(engine, START_MS + tenYearsMs);
    assert.equal(lastTickS(engine), (tenYearsMs / 1000) % 2 ** 24);
    assert.equal(engine.get(0), true);
  });

  it('shrinks the reply buffer of a client that has gone quiet', () => {
    const engine = oneServer(noeviction, { resizesReplies: true });
    engine.set(0, 3000);
    const { used } = engine.account;
    for (let ms = 0; ms < 1000; ms += 200) {
      engine.wake(START_MS + ms);
      engine.get(0);
      engine.endEvents();
    }
    assert.ok(engine.account.used > used);
    arrive(engine, START_MS + 20_000);
    assert.equal(engine.account.used, used);
  });

  it('keeps unix time, minutes and the LRU clock apart', () => {
    const engine = server();
    arrive(engine, START_MS + 59_999);
    assert.equal(engine.clock.nowMs, START_MS + 59_999);
    assert.equal(engine.clock.lfuMinutes, Math.floor((START_MS + 59_999) / 60_000) % 65_536);
  });

  it('shrinks sparse tables and rehashes them, the main one first', () => {
    const engine = oneServer(noeviction, { keys: 1024, hz: 1 });
    for (let id = 0; id < 1024; id++) engine.set(id, 10, 1_000_000);
    for (let id = 20; id < 1024; id++) engine.del(id);
    const { main, expires } = engine.database.keyspace;
    arrive(engine, START_MS + 1000);
    assert.deepEqual([main.positions, main.isRehashing, expires.isRehashing], [32, false, true]);
    arrive(engine, START_MS + 2000);
    assert.equal(expires.positions, 32);
    engine.checkInvariants();
  });
});
