import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ChainedDict } from '../../src/keyspace/chained-dict.ts';
import type { MemoryAccount } from '../../src/memory/account.ts';
import { rounderOf } from '../../src/memory/size-classes.ts';
import { allkeysLfu } from '../../src/policies/lfu.ts';
import { allkeysLrm } from '../../src/policies/lrm.ts';
import { allkeysLru } from '../../src/policies/lru.ts';
import { noeviction } from '../../src/policies/noeviction.ts';
import { DICT_OF_8_6 } from '../../src/servers/dictionary-servers.ts';
import { redis80 } from '../../src/servers/redis-8.0.ts';
import { redis86 } from '../../src/servers/redis-8.6.ts';
import { valkey80 } from '../../src/servers/valkey-8.0.ts';
import { valkey81 } from '../../src/servers/valkey-8.1.ts';
import { valkey91 } from '../../src/servers/valkey-9.1.ts';
import { ById } from '../reference/by-id.ts';
import { kernelFor } from '../reference/kernel-for.ts';
import { arrive, oneServer, START_MS } from '../reference/one-server.ts';

const NODE_BYTES = 16;

function dict(keys: number): { table: ById; account: MemoryAccount } {
  const { kernel, account } = kernelFor(keys, { round: rounderOf('jemalloc-q16') });
  const table = new ChainedDict(DICT_OF_8_6, 'main', { kernel, hashSeed: 5 });
  return { table: new ById(table, kernel), account };
}

/** Keys less non-empty buckets: those that are not the last of their chain. */
function inFrontOfOthers(table: ById): number {
  let nonEmpty = 0;
  for (let bucket = 0; bucket < table.positions; bucket++) {
    const ids: number[] = [];
    table.collectAt(bucket, ids);
    if (ids.length > 0) nonEmpty++;
  }
  return table.size - nonEmpty;
}

describe('nodes of Redis 8.6', () => {
  it('are as many as keys that are in front of others, after a load and after its rehashes', () => {
    const { table, account } = dict(5000);
    for (let id = 0; id < 5000; id++) table.insert(id);
    while (table.isRehashing) table.onLookup(0);
    assert.equal(table.chainBytes, NODE_BYTES * inFrontOfOthers(table));
    assert.equal(account.used, table.bytes);
  });

  it('stay with a key that is left alone, so that turnover at a constant size doubles them nearly', () => {
    const { table, account } = dict(40_000);
    const keys = 7000;
    for (let id = 0; id < keys; id++) table.insert(id);
    while (table.isRehashing) table.onLookup(0);
    const fresh = table.chainBytes / NODE_BYTES;
    for (let id = 0; id < 3 * keys; id++) {
      table.remove(id);
      table.insert(keys + id);
    }
    const load = keys / 8192;
    const expected = keys * (1 - Math.exp(-load));
    const nodes = table.chainBytes / NODE_BYTES;
    assert.ok(nodes > 1.6 * fresh);
    assert.ok(Math.abs(nodes - expected) < 0.05 * expected, `${nodes}, expected ${expected}`);
    assert.equal(account.used, table.bytes);
    for (let id = 3 * keys; id < 4 * keys; id++) table.remove(id);
    assert.equal(table.chainBytes, 0);
  });
});

describe('an eviction whose sample is empty', () => {
  /** SETs refused at a limit, one sample each from a table that is nearly empty. */
  const refusals = (profile: typeof redis80 | typeof redis86): number => {
    const engine = oneServer(allkeysLru, {
      profile,
      keys: 6000,
      maxmemorySamples: 1,
      roomBytes: 220_000,
    });
    for (let id = 0; id < 3000; id++) engine.set(id, 1);
    // Room for fewer and larger keys: the table keeps its size.
    for (let id = 3000; id < 6000; id++) engine.set(id, 300);
    return engine.database.counters.oomErrors;
  };

  it('refuses the write on Redis 8.6, and is repeated on Redis 8.0', () => {
    assert.ok(refusals(redis86) > 0);
    assert.equal(refusals(redis80), 0);
  });
});

describe('allkeys-lrm', () => {
  it('is protected by writes and TTLs, not by reads', () => {
    const engine = oneServer(allkeysLrm, { profile: redis86, keys: 20, maxmemorySamples: 64 });
    const { records } = engine.database.keyspace;
    const stamp = (id: number): number => records.meta[records.slotOf(id)] & 0xffffff;
    for (let id = 0; id < 6; id++) {
      arrive(engine, START_MS + 1000 * (id + 1));
      engine.set(id, 100);
    }
    const before = stamp(0);
    arrive(engine, START_MS + 20_000);
    engine.get(0);
    engine.touch(0);
    engine.persist(0);
    assert.equal(stamp(0), before);
    engine.expire(1, 1_000_000);
    engine.set(2, 100);
    engine.incr(3);
    for (const id of [1, 2, 3]) assert.equal(stamp(id) - before, 19, `key ${id}`);
    engine.persist(1);
    assert.equal(stamp(1) - before, 19);
  });
});

describe('the LRU clock', () => {
  it('is that of the last timer tick up to Valkey 8.1, and that of the command in Valkey 9.1', () => {
    const stampOf = (profile: typeof valkey81 | typeof valkey91): number => {
      const engine = oneServer(allkeysLru, { profile, startMs: START_MS });
      engine.wake(START_MS + 999);
      engine.endEvents();
      engine.wake(START_MS + 1001);
      engine.set(0, 10);
      const { records } = engine.database.keyspace;
      return records.meta[records.slotOf(0)] & 0xffffff;
    };
    assert.equal(stampOf(valkey91), stampOf(valkey81) + 1);
  });
});

describe('looking at an LFU counter', () => {
  it('in Valkey 9.1 stores its decay, so that what has passed of a decay period is lost', () => {
    const counterAfter5Minutes = (profile: typeof valkey81 | typeof valkey91): number => {
      const options = { keys: 100, lfuDecayTime: 2, maxmemorySamples: 64, roomBytes: 4500 };
      const engine = oneServer(allkeysLfu, { profile, ...options });
      const { records } = engine.database.keyspace;
      const counter = (): number => records.meta[records.slotOf(0)] & 0xff;
      engine.set(0, 100);
      for (let i = 0; i < 20; i++) engine.get(0);
      for (let id = 1; id < 60; id++) engine.set(id, 100);
      const used = counter();
      // Once a minute a few evictions look at every key there is.
      for (let minute = 1; minute <= 5; minute++) {
        arrive(engine, START_MS + minute * 60_000);
        for (let i = 0; i < 10; i++) engine.set(20 + ((minute * 10 + i + 30) % 80), 100);
      }
      assert.ok(engine.database.counters.evictedKeys > 20);
      engine.get(0);
      return used - counter();
    };
    assert.ok(counterAfter5Minutes(valkey81) > 0);
    // A stored decay starts the period anew: what is looked at every minute never loses a point.
    assert.ok(counterAfter5Minutes(valkey91) <= 0);
  });
});

describe('EXPIRE with a time that has passed', () => {
  it('counts as an expiration from Valkey 8.1 on', () => {
    for (const [profile, expired] of [
      [redis86, 0],
      [valkey80, 0],
      [valkey81, 1],
      [valkey91, 1],
    ] as const) {
      const engine = oneServer(noeviction, { profile });
      engine.set(0, 10);
      engine.expire(0, -1);
      assert.equal(engine.database.counters.expiredKeys, expired, profile.name);
      assert.equal(engine.database.keyspace.main.size, 0);
    }
  });
});

describe('commands parsed ahead', () => {
  it('are in memory until they have run, with a record each in Valkey 9.1', () => {
    for (const [profile, records] of [
      [valkey91, 16 * 48],
      [redis86, 0],
    ] as const) {
      const engine = oneServer(noeviction, { profile, allocator: 'jemalloc-q16' });
      const before = engine.account.used;
      const bytes = engine.memory.set(0, 100, false);
      assert.equal(bytes, profile === valkey91 ? 192 : 208, 'measured');
      engine.queue(1, bytes);
      assert.equal(engine.account.used - before, bytes, 'one command does not wait');
      engine.queue(1, bytes);
      assert.equal(engine.account.used - before, 2 * bytes + records);
      engine.set(0, 100);
      engine.set(0, 100);
      engine.sendReplies();
      assert.equal(engine.account.used - before, engine.dataBytes);
      engine.checkInvariants();
    }
  });

  it('make room for a whole batch before its first command runs', () => {
    const engine = oneServer(allkeysLru, { profile: valkey91, roomBytes: 50_000 });
    for (let id = 0; id < 500; id++) engine.set(id, 100);
    const evicted = engine.database.counters.evictedKeys;
    for (let id = 500; id < 516; id++) engine.queue(1, engine.memory.set(id, 100, false));
    engine.set(500, 100);
    assert.ok(engine.database.counters.evictedKeys - evicted >= 16);
  });
});
