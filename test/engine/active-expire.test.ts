import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Engine } from '../../src/engine/engine.ts';
import { noeviction } from '../../src/policies/noeviction.ts';
import type { ServerProfile } from '../../src/servers/profile.ts';
import { redis50 } from '../../src/servers/redis-5.0.ts';
import { redis72 } from '../../src/servers/redis-7.2.ts';
import { redis74 } from '../../src/servers/redis-7.4.ts';
import { valkey80 } from '../../src/servers/valkey-8.0.ts';
import { arrive, oneServer, type ServerOptions, START_MS } from '../reference/one-server.ts';

const KEYS = 100_000;
const EXPIRY_MS = START_MS + 1000;

/** An idle server with 100,000 volatile keys; from one second after the start on, the given share of them is stale. */
function serverWithStale(share: number, options: ServerOptions = {}): Engine {
  const engine = oneServer(noeviction, { keys: KEYS, serverTime: 'modelled', ...options });
  for (let id = 0; id < KEYS; id++) {
    engine.set(id, 10, id % 1000 < share * 1000 ? 1000 : 1_000_000_000);
  }
  arrive(engine, EXPIRY_MS);
  assert.equal(engine.database.counters.expiredKeys, 0);
  return engine;
}

/** Keys per second that disappear in the first `seconds` of staleness. */
function expiredPerSecond(engine: Engine, seconds: number): number {
  arrive(engine, EXPIRY_MS + seconds * 1000);
  return engine.database.counters.expiredKeys / seconds;
}

/** Ten cycles a second, each repeated while 3 of 20 keys or more are stale, each loop finding 20 p of them. */
function theoreticalRate(stale: number): number {
  const few = [1, 20, 190].reduce(
    (sum, ways, k) => sum + ways * stale ** k * (1 - stale) ** (20 - k),
    0,
  );
  return (10 * 20 * stale) / few;
}

describe('active expire', () => {
  it('reclaims twenty percent stale at about 190 keys a second, as the server and the theory', () => {
    // The cursor does not come back within a minute: what it meets is always one fifth stale.
    const rate = expiredPerSecond(serverWithStale(0.2), 60);
    assert.ok(Math.abs(theoreticalRate(0.2) - 194) < 1);
    // A little above the theory: a loop looks at whole chains, so at more than 20 keys.
    assert.ok(rate > 180 && rate < 225, `${rate} keys/s`);
  });

  it('lets a share below ten percent linger', () => {
    const engine = serverWithStale(0.05);
    const rate = expiredPerSecond(engine, 20);
    assert.ok(Math.abs(rate - theoreticalRate(0.05)) < 3, `${rate} keys/s`);
    assert.ok(engine.database.keyspace.expires.size > KEYS * 0.99);
  });

  it('reclaims everything within two seconds when everything has expired', () => {
    const engine = serverWithStale(1);
    arrive(engine, EXPIRY_MS + 101);
    const { counters } = engine.database;
    assert.ok(counters.expiredKeys > 0 && counters.expiredKeys < KEYS, 'a cycle has 25 ms');
    arrive(engine, EXPIRY_MS + 2000);
    assert.equal(counters.expiredKeys, KEYS);
  });

  it('takes one tick for it when the clock stands still', () => {
    const engine = serverWithStale(1, { serverTime: 'none' });
    arrive(engine, EXPIRY_MS + 100);
    // It stops when the table is filled to less than one percent, until that has shrunk.
    assert.ok(engine.database.counters.expiredKeys > KEYS - 131_072 / 100);
    arrive(engine, EXPIRY_MS + 1000);
    assert.equal(engine.database.counters.expiredKeys, KEYS);
  });

  it('looks harder with more effort: at 10 it goes on down to one percent', () => {
    const engine = serverWithStale(0.05, { activeExpireEffort: 10 });
    arrive(engine, EXPIRY_MS + 20_000);
    const stale = KEYS * 0.05 - engine.database.counters.expiredKeys;
    assert.ok(stale < KEYS * 0.02, `${stale} stale keys are left`);
  });

  it('works more often with a higher hz', () => {
    const rate = expiredPerSecond(serverWithStale(0.2, { hz: 50 }), 12);
    assert.ok(rate > 5 * 180 && rate < 5 * 225, `${rate} keys/s`);
  });

  it('reclaims an eighth of it with the timer eight times slower', () => {
    for (const profile of [redis72, redis74]) {
      const rate = expiredPerSecond(serverWithStale(0.2, { profile, timerSlowdown: 8 }), 120);
      assert.ok(rate > 180 / 8 && rate < 225 / 8, `${profile.name}: ${rate} keys/s`);
    }
  });

  it('reclaims at the same rate where it visits buckets in the order of a scan', () => {
    for (const profile of [redis72, redis74, valkey80]) {
      const rate = expiredPerSecond(serverWithStale(0.2, { profile }), 60);
      assert.ok(rate > 180 && rate < 225, `${profile.name}: ${rate} keys/s`);
    }
  });

  it('reclaims twenty percent stale at about 45 keys a second on Redis 5.0, as the server', () => {
    const rate = expiredPerSecond(serverWithStale(0.2, { profile: redis50 }), 60);
    assert.ok(rate > 40 && rate < 60, `${rate} keys/s`);
  });

  it('knows no effort on Redis 5.0', () => {
    const [one, ten] = [1, 10].map((activeExpireEffort) =>
      expiredPerSecond(serverWithStale(0.2, { profile: redis50, activeExpireEffort }), 10),
    );
    assert.equal(one, ten);
  });

  it('ends with the round from Redis 7.4 on, where 7.2 begins another at once', () => {
    // Twenty keys in 128 buckets. The first cycle meets them all and stops at the last one; they turn stale; the second
    // finds nothing in the buckets that are left of the round.
    const expiredByTick = (profile: ServerProfile, options: ServerOptions = {}): number[] => {
      const engine = oneServer(noeviction, { profile, ...options });
      for (let id = 0; id < 100; id++) engine.set(id, 10, 150);
      for (let id = 20; id < 100; id++) engine.persist(id);
      return [100, 200, 300].map((ms) => {
        arrive(engine, START_MS + ms);
        return engine.database.counters.expiredKeys;
      });
    };
    assert.deepEqual(expiredByTick(redis72), [0, 20, 20]);
    assert.deepEqual(expiredByTick(redis74), [0, 0, 20]);
    assert.deepEqual(expiredByTick(valkey80), [0, 0, 20]);
    // For fifty times as many keys, ten ticks a second, this end of a round is one in fifty.
    assert.deepEqual(expiredByTick(redis74, { hz: 500, timerSlowdown: 50 }), [0, 20, 20]);
  });

  it('expires a key strictly later than its expiry', () => {
    const engine = oneServer(noeviction, { hz: 500 });
    engine.set(0, 10, 5000);
    arrive(engine, START_MS + 5000);
    assert.equal(engine.database.counters.expiredKeys, 0);
    arrive(engine, START_MS + 5004);
    assert.equal(engine.database.counters.expiredKeys, 1);
  });

  it('passes a table by that is filled to less than one percent', () => {
    const engine = oneServer(noeviction, { keys: 2000 });
    for (let id = 0; id < 2000; id++) engine.set(id, 10, 1000);
    for (let id = 19; id < 2000; id++) engine.persist(id);
    const { expires } = engine.database.keyspace;
    assert.equal(expires.positions, 2048);
    arrive(engine, START_MS + 90);
    // The next tick finds 19 stale keys in 2,048 buckets, shrinks the table, and leaves them to the one after.
    const shrunk = oneServer(noeviction, { keys: 2000, hz: 1 });
    for (let id = 0; id < 2000; id++) shrunk.set(id, 10, 1);
    for (let id = 19; id < 2000; id++) shrunk.persist(id);
    arrive(shrunk, START_MS + 1000);
    assert.equal(shrunk.database.counters.expiredKeys, 0);
    assert.equal(shrunk.database.keyspace.expires.positions, 32);
    arrive(shrunk, START_MS + 2000);
    assert.equal(shrunk.database.counters.expiredKeys, 19);
  });

  it('counts what it deletes as expired, and what eviction takes first as evicted', () => {
    const engine = oneServer(noeviction, {});
    for (let id = 0; id < 100; id++) engine.set(id, 10, 100);
    arrive(engine, START_MS + 1000);
    const { counters } = engine.database;
    assert.deepEqual(
      [counters.expiredKeys, counters.evictedKeys, counters.deletedKeys],
      [100, 0, 0],
    );
    engine.checkInvariants();
  });
});
