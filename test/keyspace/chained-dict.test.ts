import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ChainedDict } from '../../src/keyspace/chained-dict.ts';
import type { DictRules } from '../../src/keyspace/dict-rules.ts';
import type { MemoryAccount } from '../../src/memory/account.ts';
import { Random } from '../../src/random.ts';
import {
  DICT_OF_5_0,
  DICT_OF_6_2,
  DICT_OF_7_0,
  DICT_OF_7_4,
} from '../../src/servers/dictionary-servers.ts';
import { ById } from '../reference/by-id.ts';
import { kernelFor } from '../reference/kernel-for.ts';
import { NaiveDict } from '../reference/naive-dict.ts';

const HASH_SEED = 0x1234_5678;
const KEYS = 600;

/** A dictionary and its naive twin, on dice that fall alike. */
class Pair {
  readonly account: MemoryAccount;
  readonly dict: ById;
  readonly naive: NaiveDict;
  /** Bytes in the account that are not the dictionary's. */
  elsewhere = 0;

  constructor(seed: number, limit = 0, rules = DICT_OF_7_0) {
    const { kernel, account } = kernelFor(KEYS, { random: new Random(seed, 'dict'), limit });
    this.account = account;
    const parts = { kernel, hashSeed: HASH_SEED };
    this.dict = new ById(new ChainedDict(rules, 'main', parts), kernel);
    this.naive = new NaiveDict(
      rules,
      HASH_SEED,
      new Random(seed, 'dict'),
      (bytes) =>
        limit > 0 && this.naive.bytes + this.elsewhere + this.account.transient + bytes > limit,
    );
  }

  insert(id: number): void {
    this.naive.insert(id);
    this.dict.insert(id);
  }

  remove(id: number): void {
    this.naive.remove(id);
    this.dict.remove(id);
  }

  lookup(id = 0): void {
    this.naive.lookup(id);
    this.dict.onLookup(id);
  }

  shrink(): void {
    this.naive.tick();
    this.dict.resizeIfSparse();
  }

  sample(count: number): number[] {
    const ids = this.dict.sampled(count);
    assert.deepEqual(ids, this.naive.sample(count), `sample of ${count}`);
    return ids;
  }

  /** Same keys in the same buckets in the same order, same arrays, same bytes. */
  check(): void {
    const { dict, naive, account } = this;
    dict.checkInvariants();
    assert.equal(dict.size, naive.keys.length);
    assert.equal(dict.isRehashing, naive.cursor !== undefined);
    assert.equal(dict.positions, naive.tables[0].length + naive.tables[1].length);
    assert.equal(dict.bytes, naive.bytes);
    assert.equal(account.used - this.elsewhere, naive.bytes);
    const larger = Math.max(naive.tables[0].length, naive.tables[1].length);
    for (let cursor = 0; cursor < larger; cursor++) {
      const found: number[] = [];
      assert.equal(dict.collectAt(cursor, found), dict.isRehashing ? 2 : 1);
      assert.deepEqual(found, naive.at(cursor), `bucket ${cursor}`);
    }
  }
}

const filled = (keys: number, seed = 1, rules = DICT_OF_7_0): Pair => {
  const pair = new Pair(seed, 0, rules);
  for (let id = 0; id < keys; id++) pair.insert(id);
  return pair;
};

const atRest = (keys: number, seed = 1, rules = DICT_OF_7_0): Pair => {
  const pair = filled(keys, seed, rules);
  while (pair.dict.isRehashing) pair.lookup();
  return pair;
};

type Command =
  | { readonly op: 'insert' | 'remove' | 'lookup'; readonly id: number }
  | { readonly op: 'fill'; readonly id: number; readonly count: number }
  | { readonly op: 'empty'; readonly keep: number }
  | { readonly op: 'shrink' | 'random key' }
  | { readonly op: 'sample' | 'rehash'; readonly count: number }
  | { readonly op: 'pressure'; readonly bytes: number };

const ids = fc.nat(KEYS - 1);
const commands = fc.array(
  fc.oneof<fc.Arbitrary<Command>[]>(
    fc.record({ op: fc.constantFrom('insert', 'insert', 'remove', 'lookup'), id: ids }),
    fc.record({ op: fc.constant('fill'), id: ids, count: fc.nat(150) }),
    fc.record({ op: fc.constant('empty'), keep: fc.nat(30) }),
    fc.record({ op: fc.constantFrom('shrink', 'random key') }),
    fc.record({ op: fc.constantFrom('sample', 'rehash'), count: fc.integer({ min: 1, max: 20 }) }),
    fc.record({ op: fc.constant('pressure'), bytes: fc.nat(20_000) }),
  ),
  { maxLength: 60, size: 'max' },
);

const VERSIONS = [
  ['Redis 5.0', DICT_OF_5_0],
  ['Redis 6.2', DICT_OF_6_2],
  ['Redis 7.0', DICT_OF_7_0],
  ['Redis 7.4', DICT_OF_7_4],
] as const;

describe('chained dict', () => {
  for (const [versions, rules] of VERSIONS) {
    it(`does what a naive model of ${versions} does, command by command`, () => {
      const limit = 20_000;
      fc.assert(
        fc.property(commands, fc.nat(), (list, seed) => {
          const pair = new Pair(seed, limit, rules);
          const members = new Set<number>();
          const insert = (id: number): void => {
            if (members.has(id)) return;
            members.add(id);
            pair.insert(id);
          };
          const remove = (id: number): void => {
            if (members.delete(id)) pair.remove(id);
          };
          for (const command of list) {
            switch (command.op) {
              case 'insert':
                insert(command.id);
                break;
              case 'remove':
                remove(command.id);
                break;
              case 'fill':
                for (let i = 0; i < command.count; i++) insert((command.id + i) % KEYS);
                break;
              case 'empty':
                for (const id of [...members].slice(command.keep)) remove(id);
                break;
              case 'lookup':
                pair.lookup(command.id);
                break;
              case 'shrink':
                pair.shrink();
                break;
              case 'rehash':
                assert.equal(
                  pair.dict.rehashFor(command.count),
                  pair.naive.rehashFor(command.count),
                );
                break;
              case 'pressure':
                pair.account.used += command.bytes - pair.elsewhere;
                pair.elsewhere = command.bytes;
                break;
              case 'sample':
                if (members.size === 0) break;
                for (const id of pair.sample(command.count)) assert.ok(members.has(id));
                break;
              case 'random key':
                if (members.size > 0) assert.equal(pair.dict.randomKey(), pair.naive.randomKey());
                break;
            }
            pair.check();
            assert.deepEqual(new Set(pair.naive.keys), members);
          }
        }),
        { numRuns: 60 },
      );
    });
  }

  it('keeps chains of the main and the expires table apart', () => {
    const { kernel, account, records } = kernelFor(50);
    const parts = { kernel, hashSeed: 1 };
    const main = new ChainedDict(DICT_OF_7_0, 'main', parts);
    const expires = new ChainedDict(DICT_OF_7_0, 'expires', parts);
    for (let id = 0; id < 50; id++) {
      const slot = records.claim(id);
      main.insert(slot);
      if (id % 3 === 0) expires.insert(slot);
    }
    for (let id = 0; id < 50; id += 6) expires.remove(records.slotOf(id));
    for (let id = 1; id < 50; id += 2) if (id % 3 !== 0) main.remove(records.slotOf(id));
    main.checkInvariants();
    expires.checkInvariants();
    assert.equal(account.used, main.bytes + expires.bytes);
  });

  describe('growth', () => {
    it('starts with four buckets', () => {
      assert.equal(filled(1).dict.positions, 4);
      assert.equal(filled(4).dict.positions, 4);
    });

    it('doubles with key number 2^k + 1, both arrays charged until the last bucket has moved', () => {
      for (const full of [4, 8, 16, 64, 256]) {
        const pair = atRest(full);
        assert.equal(pair.dict.bytes, 8 * full);
        pair.insert(full);
        assert.equal(pair.dict.bytes, 8 * full + 16 * full);
        while (pair.dict.isRehashing) pair.lookup();
        assert.equal(pair.dict.bytes, 16 * full);
        pair.check();
      }
    });

    it('is refused at the memory limit up to a load of 1.618 and forced above it', () => {
      const pair = new Pair(1, 8 * 64 + 8 * 128 - 1);
      let refused = 0;
      for (let id = 0; id < 200; id++) {
        pair.insert(id);
        while (pair.dict.isRehashing) pair.lookup();
        if (pair.dict.positions === 64) refused = pair.dict.size;
      }
      // 103 keys in 64 buckets are a load of 1.609, 104 one of 1.625: key 105 finds the load above the bound.
      assert.equal(refused, 104);
      pair.check();
    });

    it('is never refused before Redis 6.2', () => {
      const pair = new Pair(1, 1, DICT_OF_5_0);
      for (let id = 0; id < 65; id++) {
        while (pair.dict.isRehashing) pair.lookup();
        pair.insert(id);
      }
      assert.equal(pair.dict.positions, 64 + 128);
    });

    it('comes from the timer when a table is exactly full, from Redis 7.4 on', () => {
      for (const [rules, positions] of [
        [DICT_OF_7_0, 64],
        [DICT_OF_7_4, 64 + 128],
      ] as const) {
        const pair = atRest(64, 1, rules);
        pair.shrink();
        assert.equal(pair.dict.positions, positions);
        pair.check();
      }
    });

    it('is not refused when the new array still fits to the byte', () => {
      const pair = new Pair(1, 8 * 64 + 8 * 128);
      for (let id = 0; id < 65; id++) {
        while (pair.dict.isRehashing) pair.lookup();
        pair.insert(id);
      }
      assert.ok(pair.dict.isRehashing);
    });

    it('counts what the running command holds', () => {
      const pair = new Pair(1, 8 * 64 + 8 * 128);
      pair.account.transient = 1;
      for (let id = 0; id < 65; id++) {
        while (pair.dict.isRehashing) pair.lookup();
        pair.insert(id);
      }
      assert.equal(pair.dict.isRehashing, false);
    });
  });

  describe('shrinking', () => {
    it('waits for the timer, and for a fill below ten percent', () => {
      const pair = atRest(512);
      for (let id = 52; id < 512; id++) pair.remove(id);
      pair.shrink();
      assert.equal(pair.dict.positions, 512, '52 of 512 is 10 percent');
      pair.remove(51);
      pair.shrink();
      assert.equal(pair.dict.positions, 512 + 64, '51 of 512 is 9 percent');
      while (pair.dict.isRehashing) pair.lookup();
      assert.equal(pair.dict.bytes, 8 * 64);
      pair.check();
    });

    it('comes with the deletion that leaves an eighth, from Redis 7.4 on', () => {
      const pair = atRest(512, 1, DICT_OF_7_4);
      const left = (): number => pair.dict.positions;
      for (let id = 65; id < 512; id++) pair.remove(id);
      assert.equal(left(), 512, '65 of 512 is more');
      pair.remove(64);
      assert.equal(left(), 512 + 64);
      while (pair.dict.isRehashing) pair.lookup();
      assert.equal(pair.dict.bytes, 8 * 64 + 64);
      pair.check();
    });

    it('is refused where the small array would exceed the memory limit, and then left to the timer', () => {
      const pair = new Pair(1, 100_000, DICT_OF_7_4);
      for (let id = 0; id < 512; id++) pair.insert(id);
      while (pair.dict.isRehashing) pair.lookup();
      pair.account.transient = 100_000;
      for (let id = 10; id < 512; id++) pair.remove(id);
      assert.equal(pair.dict.positions, 512);
      pair.account.transient = 0;
      pair.shrink();
      assert.equal(pair.dict.positions, 512 + 16);
    });

    it('needs no rehash when no key is left, from Redis 7.4 on', () => {
      const pair = atRest(64, 1, DICT_OF_7_4);
      for (let id = 0; id < 64; id++) {
        pair.remove(id);
        while (pair.dict.isRehashing) pair.lookup();
      }
      assert.equal(pair.dict.positions, 4);
      assert.equal(pair.dict.bytes, 32 + 64);
    });

    it('ends at four buckets', () => {
      const pair = atRest(64);
      for (let id = 0; id < 64; id++) pair.remove(id);
      pair.shrink();
      while (pair.dict.isRehashing) pair.lookup();
      assert.equal(pair.dict.bytes, 32);
      pair.insert(3);
      pair.check();
    });
  });

  describe('sampling', () => {
    it('gives the head of a chain, the newest key, before the rest', () => {
      const pair = atRest(4);
      const found: number[] = [];
      for (let bucket = 0; bucket < 4; bucket++) pair.dict.collectAt(bucket, found);
      const sample = pair.sample(4);
      const start = found.indexOf(sample[0]);
      assert.deepEqual(sample, [...found.slice(start), ...found.slice(0, start)]);
    });

    it('returns distinct members, as many as asked for, where the table is dense', () => {
      const pair = atRest(400);
      for (let i = 0; i < 500; i++) {
        const sample = pair.sample(5);
        assert.equal(sample.length, 5);
        assert.equal(new Set(sample).size, 5);
      }
    });

    it('returns every key when asked for more than there are', () => {
      for (const keys of [1, 3, 10, 65, 300]) {
        const sample = atRest(keys).sample(10_000);
        assert.deepEqual(
          sample.sort((a, b) => a - b),
          Array.from({ length: keys }, (_, id) => id),
        );
      }
    });

    it('may come back with nothing from a table that is nearly empty', () => {
      let empty = 0;
      const pair = atRest(512);
      for (let id = 2; id < 512; id++) pair.remove(id);
      for (let i = 0; i < 200; i++) {
        if (pair.sample(1).length === 0) empty++;
      }
      assert.ok(empty > 150, `${empty} of 200 samples were empty`);
    });

    it('never sees the tail of the last chain before Redis 7.0', () => {
      // Of five keys in four buckets one chain is longer; a sample of one stops at a head, or sees it all.
      const seen = (rules: DictRules): Set<number> => {
        const pair = new Pair(1, 1, { ...rules, growthVeto: true });
        for (let id = 0; id < 5; id++) pair.insert(id);
        assert.equal(pair.dict.positions, 4);
        return new Set(Array.from({ length: 300 }, () => pair.sample(1)).flat());
      };
      assert.ok(seen(DICT_OF_6_2).size <= 4);
      assert.equal(seen(DICT_OF_7_0).size, 5);
    });

    it('moves a rehash along by as many buckets as it wants keys', () => {
      const pair = atRest(64);
      pair.insert(64);
      const cursor = pair.naive.cursor!;
      const moved = pair.naive.tables[0].slice(cursor).filter((b) => b.length > 0).length;
      pair.sample(5);
      const left = pair.naive.tables[0].filter((b) => b.length > 0).length;
      assert.equal(left, moved - 5);
      pair.check();
    });
  });

  describe('scanning', () => {
    it('meets every key once a round', () => {
      const { dict } = atRest(300);
      const found: number[] = [];
      for (let cursor = dict.scan(0, found); cursor !== 0;) cursor = dict.scan(cursor, found);
      assert.deepEqual(
        found.sort((a, b) => a - b),
        Array.from({ length: 300 }, (_, id) => id),
      );
    });

    it('misses no key that stays while the table grows or shrinks under way', () => {
      for (const [before, after] of [
        [130, 600],
        [600, 40],
      ] as const) {
        for (const steps of [1, 20, 60, 100]) {
          const pair = atRest(before);
          const found: number[] = [];
          let cursor = 0;
          for (let step = 0; step < steps; step++) cursor = pair.dict.scan(cursor, found);
          for (let id = before; id < after; id++) pair.insert(id);
          for (let id = after; id < before; id++) pair.remove(id);
          pair.shrink();
          while (cursor !== 0) {
            cursor = pair.dict.scan(cursor, found);
            pair.lookup();
          }
          const seen = new Set(found);
          for (let id = 0; id < Math.min(before, after); id++) assert.ok(seen.has(id), `key ${id}`);
        }
      }
    });

    it('takes both arrays of a rehash in one step per bucket of the smaller', () => {
      const pair = atRest(64);
      pair.insert(64);
      const found: number[] = [];
      let steps = 0;
      let cursor = 0;
      do {
        cursor = pair.dict.scan(cursor, found);
        steps++;
      } while (cursor !== 0);
      assert.equal(steps, 64);
      assert.equal(new Set(found).size, 65);
      assert.equal(found.length, 65);
    });
  });

  it('draws random keys with chance 1 / (non-empty buckets x chain length)', () => {
    const { dict, naive } = atRest(24);
    const draws = 60_000;
    const counts = new Map<number, number>();
    for (let i = 0; i < draws; i++) {
      const id = dict.randomKey();
      counts.set(id, (counts.get(id) ?? 0) + 1);
    }
    const chains = naive.tables[0].filter((chain) => chain.length > 0);
    let chiSquare = 0;
    for (const chain of chains) {
      for (const id of chain) {
        const expected = draws / (chains.length * chain.length);
        chiSquare += ((counts.get(id) ?? 0) - expected) ** 2 / expected;
      }
    }
    // The 99.9 % point of chi-square with 23 degrees of freedom.
    assert.ok(chiSquare < 49.7, `chi-square ${chiSquare}`);
    assert.ok(chains.some((chain) => chain.length > 1));
  });

  it('draws random keys during a rehash from what is left of the first array and all of the second', () => {
    const drawn = new Set<number>();
    for (let seed = 0; seed < 400; seed++) {
      const pair = atRest(16, seed);
      pair.insert(16);
      drawn.add(pair.dict.randomKey());
    }
    assert.equal(drawn.size, 17);
  });
});
