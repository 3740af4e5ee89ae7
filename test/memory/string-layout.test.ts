import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Engine } from '../../src/engine/engine.ts';
import { NEVER } from '../../src/engine/set-options.ts';
import { rounderOf } from '../../src/memory/size-classes.ts';
import { dictionaryEntryLayout, embeddedKeyLayout } from '../../src/memory/string-layout.ts';
import { allkeysLfu } from '../../src/policies/lfu.ts';
import { allkeysLru, volatileLru } from '../../src/policies/lru.ts';
import { noeviction } from '../../src/policies/noeviction.ts';
import type { PolicyDefinition } from '../../src/policies/policy.ts';
import { allkeysRandom, volatileRandom } from '../../src/policies/random.ts';
import { volatileTtl } from '../../src/policies/ttl.ts';
import {
  STRINGS_OF_5_0,
  STRINGS_OF_7_2,
  STRINGS_OF_8_0,
} from '../../src/servers/dictionary-servers.ts';
import { NaiveBytes } from '../reference/naive-bytes.ts';
import { arrive, oneServer } from '../reference/one-server.ts';

type Allocator = 'jemalloc-q8' | 'jemalloc-q16';

/** Bytes of one key on Redis 7.0.15, without and with a TTL: [key length, value length, Q = 8, Q = 16]. */
const MEASURED = [
  [16, 20, [88, 112], [112, 144]],
  [16, 44, [112, 136], [128, 160]],
  [16, 64, [144, 168], [160, 192]],
  [16, 100, [176, 200], [192, 224]],
  [16, 500, [576, 600], [592, 624]],
  [44, 20, [112, 136], [128, 160]],
  [44, 100, [200, 224], [208, 240]],
  [100, 100, [264, 288], [272, 304]],
  [300, 1000, [1384, 1408], [1392, 1424]],
] as const;

const MEASURED_INTEGERS = [
  [8, [56, 80], [64, 96]],
  [16, [64, 88], [80, 112]],
] as const;

/** A server of `keys` keys after one SET each. */
function loaded(
  keys: number,
  options: {
    allocator: Allocator;
    keyBytes?: number;
    policy?: PolicyDefinition;
    limited?: boolean;
  },
  store: (engine: Engine, id: number) => void,
): Engine {
  const { allocator, keyBytes = 16, policy = noeviction, limited = false } = options;
  const room = limited ? { roomBytes: 1_000_000_000 } : {};
  const engine = oneServer(policy, { keys, keyBytes, allocator, ...room });
  for (let id = 0; id < keys; id++) {
    store(engine, id);
    engine.sendReplies();
  }
  const { main, expires } = engine.database.keyspace;
  while (main.isRehashing) main.onLookup(0);
  while (expires.isRehashing) expires.onLookup(0);
  return engine;
}

const allocators = ['jemalloc-q8', 'jemalloc-q16'] as const;

const integerOf = ({ database }: Engine, id: number): number =>
  database.integerOf(database.keyspace.records.slotOf(id));

describe('string keys of the dictionary servers', () => {
  for (const [column, allocator] of allocators.entries()) {
    const layout = dictionaryEntryLayout(rounderOf(allocator), STRINGS_OF_5_0);

    it(`cost what was measured on Redis 7.0.15 with ${allocator}`, () => {
      for (const [keyLength, valueLength, ...bytes] of MEASURED) {
        const entry = (hasTtl: boolean): number =>
          layout.entryBytes(keyLength, valueLength, 'string', hasTtl);
        assert.deepEqual([entry(false), entry(true)], bytes[column]);
      }
      for (const [keyLength, ...bytes] of MEASURED_INTEGERS) {
        const entry = (hasTtl: boolean): number =>
          layout.entryBytes(keyLength, 10, 'integer', hasTtl);
        assert.deepEqual([entry(false), entry(true)], bytes[column]);
      }
    });

    it(`cost what a person works out, every length up to 330, with ${allocator}`, () => {
      const naive = new NaiveBytes(column === 0 ? 8 : 16, true);
      for (let key = 1; key <= 330; key++) {
        for (let length = 0; length <= 330; length += 1 + (key % 7)) {
          assert.equal(
            layout.entryBytes(key, length, 'string', false),
            naive.key(key, { kind: 'string', length }, false),
          );
        }
      }
      for (const length of [254, 255, 256, 65_535, 65_536, 1_000_000]) {
        assert.equal(
          layout.entryBytes(length, length, 'string', false),
          naive.key(length, { kind: 'string', length }, false),
        );
      }
    });

    it(`cost what was measured as integers, tables included, with ${allocator}`, () => {
      const perKey = (policy: PolicyDefinition, limited: boolean, first: number): number => {
        const engine = loaded(9000, { allocator, policy, limited }, (server, id) => {
          server.setInteger(id, first + id);
        });
        return Math.round((engine.dataBytes / 9000) * 10) / 10;
      };
      const [shared, own] = allocator === 'jemalloc-q8' ? [62.6, 78.6] : [78.6, 94.6];
      for (const policy of [allkeysLru, volatileLru, allkeysLfu]) {
        assert.equal(perKey(policy, true, 0), own, `${policy.name}, limited`);
        assert.equal(perKey(policy, false, 0), shared, `${policy.name}, no limit`);
      }
      for (const policy of [noeviction, allkeysRandom, volatileRandom, volatileTtl]) {
        assert.equal(perKey(policy, true, 0), shared, `${policy.name}, limited`);
        assert.equal(perKey(policy, true, 10_000), own, `${policy.name}, larger integers`);
        assert.equal(perKey(policy, true, -9000), own, `${policy.name}, negative integers`);
      }
    });
  }

  it('cost what was measured on Valkey 8.0.1, where names are part of their entries', () => {
    const layout = embeddedKeyLayout(rounderOf('jemalloc-q8'));
    for (const [keyLength, valueLength, bytes] of [
      [16, 20, 80],
      [16, 44, 104],
      [16, 64, 136],
      [16, 100, 168],
      [16, 500, 568],
      [44, 20, 120],
      [44, 100, 208],
      [100, 100, 256],
      [300, 1000, 1424],
    ]) {
      assert.equal(layout.entryBytes(keyLength, valueLength, 'string', false), bytes);
    }
    assert.equal(layout.entryBytes(8, 10, 'integer', false), 48);
    assert.equal(layout.entryBytes(16, 10, 'integer', false), 56);
    assert.equal(layout.entryBytes(16, 1, 'sharedInteger', false), 40);
    assert.equal(layout.entryBytes(16, 1, 'sharedInteger', true), 40 + 24);
  });

  it('copy their names before the table grows up to Redis 7.0, and afterwards since', () => {
    const round = rounderOf('jemalloc-q8');
    assert.equal(dictionaryEntryLayout(round, STRINGS_OF_5_0).keyCopyBytes(16), 24);
    assert.equal(dictionaryEntryLayout(round, STRINGS_OF_7_2).keyCopyBytes(16), 0);
    assert.equal(embeddedKeyLayout(round).keyCopyBytes(16), 0);
  });

  it('of arguments: the array comes and goes with a command, but on Redis 8.0 a client keeps it', () => {
    const round = rounderOf('jemalloc-q16');
    assert.equal(dictionaryEntryLayout(round, STRINGS_OF_7_2).argumentArrayBytes(5), 48);
    assert.equal(dictionaryEntryLayout(round, STRINGS_OF_8_0).argumentArrayBytes(5), 0);
  });

  it('add up to the worked examples of 10,000 keys of 16 bytes with values of 100', () => {
    const set = (engine: Engine, id: number): boolean => engine.set(id, 100);
    const setVolatile = (engine: Engine, id: number): boolean => engine.set(id, 100, 86_400_000);
    assert.equal(loaded(10_000, { allocator: 'jemalloc-q8' }, set).dataBytes, 1_891_072);
    assert.equal(loaded(10_000, { allocator: 'jemalloc-q16' }, setVolatile).dataBytes, 2_502_144);
    assert.equal(loaded(10_000, { allocator: 'jemalloc-q8' }, setVolatile).dataBytes, 2_262_144);
  });

  it('cost after an overwrite what a fresh SET costs, with and without a TTL', () => {
    const values = ['integer', 20, 44, 45, 64, 100, 200, 500] as const;
    const ttls = [NEVER, 1_000_000];
    const write = (engine: Engine, value: (typeof values)[number], ttlMs: number): void => {
      if (value === 'integer') engine.setInteger(0, 123_456, ttlMs);
      else engine.set(0, value, ttlMs);
    };
    // The table of TTLs stays when it is empty: it is charged apart.
    const keysOnly = (engine: Engine): number => {
      const { main, expires } = engine.database.keyspace;
      return engine.dataBytes - main.bytes - expires.bytes;
    };
    for (const allocator of allocators) {
      for (const before of values) {
        for (const after of values) {
          for (const [ttlBefore, ttlAfter] of ttls.flatMap((a) => ttls.map((b) => [a, b]))) {
            const fresh = oneServer(noeviction, { allocator });
            write(fresh, after, ttlAfter);
            const overwritten = oneServer(noeviction, { allocator });
            write(overwritten, before, ttlBefore);
            write(overwritten, after, ttlAfter);
            assert.equal(keysOnly(overwritten), keysOnly(fresh), `${before} by ${after}`);
          }
        }
      }
    }
  });

  it('cost the same whether the TTL comes with SET or from EXPIRE, and nothing more after PERSIST', () => {
    const together = oneServer(noeviction);
    together.set(0, 100, 5000);
    const apart = oneServer(noeviction);
    apart.set(0, 100);
    const lasting = apart.dataBytes;
    apart.expire(0, 5000);
    assert.equal(apart.dataBytes, together.dataBytes);
    apart.persist(0);
    assert.equal(apart.dataBytes, lasting + apart.database.keyspace.expires.bytes);
  });

  it('cost the same before and after INCR, unless the number leaves the shared ones', () => {
    const engine = oneServer(noeviction);
    engine.setInteger(0, 123_456);
    const { dataBytes } = engine;
    engine.incr(0);
    assert.equal(engine.dataBytes, dataBytes);
    assert.equal(integerOf(engine, 0), 123_457);
    engine.setInteger(0, 9998);
    assert.equal(engine.dataBytes, dataBytes - 16);
    engine.incr(0);
    assert.equal(engine.dataBytes, dataBytes - 16, '9999 is shared');
    engine.incr(0);
    assert.equal(engine.dataBytes, dataBytes, '10000 is not');
  });

  it('count from nothing with INCR, and keep their TTL', () => {
    const engine = oneServer(noeviction);
    engine.incr(5);
    assert.equal(integerOf(engine, 5), 1);
    engine.expire(5, 1000);
    engine.incr(5);
    assert.equal(integerOf(engine, 5), 2);
    const { records } = engine.database.keyspace;
    assert.ok(records.isVolatile(records.slotOf(5)));
  });

  it('give all their bytes back when they are deleted; their table stays until the timer shrinks it', () => {
    const engine = loaded(1000, { allocator: 'jemalloc-q8' }, (server, id) => server.set(id, 100));
    for (let id = 0; id < 1000; id++) engine.del(id);
    assert.equal(engine.dataBytes, 8 * 1024);
    arrive(engine, engine.clock.nowMs + 1000);
    assert.equal(engine.dataBytes, 32);
  });
});
