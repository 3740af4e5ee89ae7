import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Engine } from '../../src/engine/engine.ts';
import { evictionTimeLimitUs } from '../../src/engine/eviction-time.ts';
import { NO_SLOT } from '../../src/keyspace/key-flags.ts';
import { allkeysLru, volatileLru } from '../../src/policies/lru.ts';
import type { PolicyDefinition } from '../../src/policies/policy.ts';
import { noeviction } from '../../src/policies/noeviction.ts';
import { allkeysRandom } from '../../src/policies/random.ts';
import { redis60 } from '../../src/servers/redis-6.0.ts';
import { redis70 } from '../../src/servers/redis-7.0.ts';
import { NaiveBytes } from '../reference/naive-bytes.ts';
import { arrive, oneServer, type ServerOptions, START_MS } from '../reference/one-server.ts';

const bytes = new NaiveBytes(8, false);
const SMALL = bytes.key(16, { kind: 'string', length: 10 }, false);
const KEYS = 4096;
const TABLE = 8 * KEYS;

/** A server filled to the limit with equal keys, its table full and at rest. */
function fullServer(options: ServerOptions = {}, policy: PolicyDefinition = allkeysLru): Engine {
  const roomBytes = KEYS * SMALL + TABLE + 200;
  const engine = oneServer(policy, { keys: KEYS + 10, roomBytes, ...options });
  for (let id = 0; id < KEYS; id++) {
    arrive(engine, START_MS + id);
    engine.set(id, 10);
    engine.sendReplies();
  }
  assert.equal(engine.database.keyspace.main.size, KEYS);
  assert.equal(engine.database.keyspace.main.isRehashing, false);
  return engine;
}

const evicted = (engine: Engine): number => engine.database.counters.evictedKeys;

/** Victims until the time is seen to be over: the server looks at its watch after every sixteenth. */
function keysWithin(budgetUs: number): number {
  let keys = 16;
  while (keys * redis70.costs.evictionUs <= budgetUs) keys += 16;
  return keys;
}

describe('eviction', () => {
  it('has a time limit that grows with tenacity', () => {
    assert.deepEqual([0, 1, 10].map(evictionTimeLimitUs), [0, 50, 500]);
    assert.ok(Math.abs(evictionTimeLimitUs(11) - 575) < 1e-9);
    assert.ok(Math.abs(evictionTimeLimitUs(50) / 1e6 - 0.134) < 0.001);
    assert.ok(Math.abs(evictionTimeLimitUs(99) / 1e6 - 126) < 1);
    assert.equal(evictionTimeLimitUs(100), Infinity);
  });

  it('takes as many keys as the excess needs, and not one more', () => {
    for (const valueBytes of [100, 500, 2000, 20_000]) {
      const engine = fullServer({}, allkeysRandom);
      const { used, limit } = engine.account;
      const excess = used + bytes.command([3, 16, valueBytes]) - limit;
      engine.set(KEYS, valueBytes);
      assert.equal(evicted(engine), Math.ceil(excess / SMALL), `${valueBytes} bytes`);
    }
  });

  it('goes on until memory is fine before Redis 6.2, however long that takes', () => {
    const valueBytes = 250_000;
    const limited = fullServer({ serverTime: 'modelled' });
    limited.set(KEYS, valueBytes);
    assert.equal(evicted(limited), keysWithin(500));
    const blocking = fullServer({ serverTime: 'modelled', profile: redis60 });
    blocking.set(KEYS, valueBytes);
    assert.ok(evicted(blocking) > 1.5 * evicted(limited), `${evicted(blocking)} evicted`);
    assert.ok(blocking.account.used < blocking.account.limit + SMALL);
  });

  it('is content when exactly the excess has been freed', () => {
    const roomBytes = KEYS * SMALL + TABLE + bytes.command([3, 16, 500]) - 5 * SMALL;
    const engine = fullServer({ roomBytes }, allkeysRandom);
    engine.set(KEYS, 500);
    assert.equal(evicted(engine), 5);
  });

  it('starts above the limit, not at it', () => {
    const roomBytes = SMALL + 32 + bytes.command([3, 16]);
    for (const [room, kept] of [
      [roomBytes, true],
      [roomBytes - 1, false],
    ] as const) {
      const engine = oneServer(allkeysLru, { roomBytes: room });
      // 72 + 48 bytes of key and value against arguments of 24 + 24 + 40 + 32.
      engine.set(0, 10);
      assert.equal(engine.get(0), kept);
    }
  });

  it('runs before every command, reads of missing keys included', () => {
    const engine = fullServer();
    engine.set(KEYS, 10);
    const before = evicted(engine);
    while (engine.account.used + bytes.command([3, 16]) <= engine.account.limit) {
      engine.expire(KEYS, 1_000_000);
      engine.set(KEYS + 1, 10);
    }
    const beforeRead = evicted(engine);
    engine.get(KEYS + 5);
    assert.ok(evicted(engine) > beforeRead && beforeRead >= before);
  });

  it('stops after its slice of time, and the command runs although memory is over the limit', () => {
    for (const tenacity of [0, 1, 10, 11]) {
      const keys = keysWithin(evictionTimeLimitUs(tenacity));
      const engine = fullServer({ serverTime: 'modelled', evictionTenacity: tenacity });
      assert.ok(engine.set(KEYS, 200_000));
      assert.equal(evicted(engine), keys, `tenacity ${tenacity}`);
      assert.ok(engine.account.used > engine.account.limit);
      assert.equal(engine.database.counters.oomErrors, 0);
    }
  });

  it('goes on to the end with a tenacity of 100, or when the clock stands still', () => {
    const options: ServerOptions[] = [
      { serverTime: 'modelled', evictionTenacity: 100 },
      { serverTime: 'none', evictionTenacity: 0 },
    ];
    for (const option of options) {
      const engine = fullServer(option);
      engine.set(KEYS, 200_000);
      assert.ok(evicted(engine) * SMALL > 190_000);
    }
  });

  it('finishes in the idle time before the next command, as far as that goes', () => {
    const engine = fullServer({ serverTime: 'modelled', evictionTenacity: 10 });
    const { account, clock } = engine;
    engine.set(KEYS, 200_000);
    const first = keysWithin(500);
    assert.equal(evicted(engine), first);
    arrive(engine, clock.nowMs + 1);
    assert.equal(evicted(engine), first + keysWithin(1000));
    assert.ok(account.used > account.limit);
    arrive(engine, clock.nowMs + 1000);
    assert.ok(account.used <= account.limit);
    const all = evicted(engine);
    arrive(engine, clock.nowMs + 1000);
    assert.equal(evicted(engine), all);
  });

  it('does nothing in idle time when the last command ended under the limit', () => {
    const engine = fullServer();
    engine.set(KEYS, 10);
    engine.set(KEYS + 1, 10);
    const before = evicted(engine);
    arrive(engine, START_MS + 100_000);
    assert.equal(evicted(engine), before);
  });

  it('refuses writes when there is nothing to evict, and lets everything else run', () => {
    const engine = oneServer(volatileLru, { roomBytes: 2000 });
    let id = 0;
    while (engine.set(id, 100)) id++;
    const { counters } = engine.database;
    assert.equal(counters.oomErrors, 1);
    assert.equal(engine.set(0, 100), false, 'SET');
    assert.equal(engine.set(0, 1, Infinity, 1), false, 'SET NX');
    assert.equal(engine.set(0, 1, Infinity, 2), false, 'SET XX');
    assert.equal(engine.set(0, 1, Infinity, 3), false, 'SET KEEPTTL');
    assert.equal(engine.setInteger(0, 1), false, 'SET of a number');
    const refused = counters.oomErrors;
    assert.equal(refused, 6);
    assert.equal(engine.get(0), true);
    assert.equal(engine.touch(0), true);
    assert.equal(engine.persist(0), false);
    assert.equal(engine.del(id - 1), true);
    assert.equal(counters.oomErrors, refused);
    assert.equal(engine.set(id, 50), true);
  });

  it('refuses INCR as well, and runs EXPIRE although that takes memory', () => {
    const engine = oneServer(noeviction, { roomBytes: 2000 });
    let id = 0;
    while (engine.set(id, 10)) id++;
    // Fill the last bytes with numbers, whose arguments are smaller.
    while (engine.incr(id)) id++;
    const { main } = engine.database.keyspace;
    while (main.isRehashing) main.onLookup(0);
    while (engine.incr(id)) id++;
    const { oomErrors } = engine.database.counters;
    const { used } = engine.account;
    assert.equal(engine.expire(0, 1000), true);
    assert.equal(engine.account.used, used + 24 + 32, 'an entry, and the first four buckets');
    assert.equal(engine.database.counters.oomErrors, oomErrors);
    assert.equal(engine.incr(0), false);
  });

  it('evicts what it can before it refuses', () => {
    const engine = oneServer(volatileLru, { roomBytes: 2000 });
    for (let id = 0; id < 5; id++) engine.set(id, 10);
    for (let id = 5; id < 8; id++) engine.set(id, 10, 100_000);
    assert.equal(engine.set(9, 3000), false);
    assert.deepEqual(
      { ...engine.database.counters, hits: 0, misses: 0 },
      {
        hits: 0,
        misses: 0,
        evictedKeys: 3,
        expiredKeys: 0,
        oomErrors: 1,
        storedValues: 8,
        overwrittenValues: 0,
        deletedKeys: 0,
      },
    );
  });

  it('makes the new value compete before it is stored: its arguments count', () => {
    const engine = fullServer();
    engine.set(KEYS, 100_000);
    assert.ok(engine.account.used + 100 * SMALL < engine.account.limit + 120_000);
    assert.notEqual(engine.database.keyspace.records.slotOf(KEYS), NO_SLOT);
    assert.ok(evicted(engine) * SMALL >= 100_000 - 200);
  });
});
