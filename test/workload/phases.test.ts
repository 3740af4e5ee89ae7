import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { GET, SET } from '../../src/trace/operations.ts';
import { Pace } from '../../src/workload/pace.ts';
import { requestsOf, type Requests } from './requests.ts';
import { workload } from './specs.ts';

const near = (actual: number, expected: number, tolerance: number): void => {
  assert.ok(
    Math.abs(actual - expected) <= tolerance,
    `${actual}, expected ${expected} ± ${tolerance}`,
  );
};
/** The keys of the rows from a fraction of the trace to another. */
const between = (requests: Requests, from: number, until: number): Uint32Array =>
  requests.keys.slice(from * requests.rows, until * requests.rows);
const hottest = (keys: Uint32Array): number => {
  const seen = new Map<number, number>();
  for (const key of keys) seen.set(key, (seen.get(key) ?? 0) + 1);
  return [...seen].reduce((best, entry) => (entry[1] > best[1] ? entry : best))[0];
};
const zipf = { distribution: 'zipf', exponent: 1.2 };

describe('pace', () => {
  it('spreads its events evenly, the first at the start and none after the end', () => {
    const pace = new Pace({ start: 10, end: 20 }, 5);
    assert.deepEqual(
      [0, 9, 10, 11, 12, 13, 19, 20, 1000].map((row) => pace.at(row)),
      [0, 0, 1, 1, 2, 2, 5, 5, 5],
    );
  });
});

describe('phase shift', () => {
  it('makes other keys the hottest, at each of its steps', () => {
    const requests = requestsOf(
      workload({
        popularity: zipf,
        phases: [{ kind: 'shift', from: 0.25, until: 0.75, steps: 2, by: 0.3 }],
      }),
    );
    const tops = [0, 0.25, 0.5].map((from) => hottest(between(requests, from, from + 0.25)));
    assert.equal(new Set(tops).size, 3);
    assert.equal(hottest(between(requests, 0.75, 1)), tops[2]);
  });

  it('changes who is hot, not how hot', () => {
    const still = requestsOf(workload({ popularity: zipf }));
    const shifted = requestsOf(
      workload({ popularity: zipf, phases: [{ kind: 'shift', by: 0.3 }] }),
    );
    const counts = ({ keys, keyCount }: Requests): Uint32Array => {
      const seen = new Uint32Array(keyCount);
      for (const key of keys) seen[key]++;
      return seen.sort();
    };
    assert.deepEqual(counts(shifted), counts(still));
  });
});

describe('phase scan', () => {
  it('reads its own keys in order, with its share, only in its time', () => {
    const requests = requestsOf(
      workload({
        operations: { set: 1 },
        phases: [{ kind: 'scan', from: 0.2, until: 0.6, share: 0.5, keys: 700 }],
      }),
    );
    assert.equal(requests.keyCount, 1700);
    let expected = 1000;
    let scanned = 0;
    requests.keys.forEach((key, row) => {
      if (key < 1000) return;
      assert.ok(row >= 2000 && row < 6000);
      assert.equal(requests.ops[row], GET);
      assert.equal(key, expected);
      expected = key === 1699 ? 1000 : key + 1;
      scanned++;
    });
    near(scanned / 4000, 0.5, 0.03);
  });

  it('reads the group’s own keys when it has none', () => {
    const requests = requestsOf(workload({ phases: [{ kind: 'scan', share: 1 }] }));
    assert.equal(requests.keyCount, 1000);
    requests.keys.forEach((key, row) => {
      assert.equal(key, row % 1000);
    });
  });
});

describe('phase flash-crowd', () => {
  it('gives its share to a few keys that were the coldest', () => {
    const requests = requestsOf(
      workload({
        popularity: zipf,
        phases: [{ kind: 'flash-crowd', from: 0.5, until: 1, share: 0.4, keys: 4 }],
      }),
    );
    const before = new Uint32Array(1000);
    const during = new Uint32Array(1000);
    for (const key of between(requests, 0, 0.5)) before[key]++;
    for (const key of between(requests, 0.5, 1)) during[key]++;
    const crowd = [...during.keys()].filter((key) => during[key] > 300 && before[key] < 20);
    assert.equal(crowd.length, 4);
    near(crowd.reduce((sum, key) => sum + during[key], 0) / 5000, 0.4, 0.03);
  });
});

describe('phase churn', () => {
  const requests = requestsOf(
    workload({ requests: 50_000, phases: [{ kind: 'churn', from: 0.2, until: 0.8, turnover: 2 }] }),
  );

  it('brings as many new keys as it replaces', () => {
    assert.equal(requests.keyCount, 3000);
    assert.equal(Math.max(...between(requests, 0, 0.2)), 999);
    assert.ok(Math.min(...between(requests, 0.8, 1)) >= 2000);
  });

  it('never asks for a replaced key again', () => {
    const newest = new Map<number, number>();
    for (const key of requests.keys) {
      const slot = key % 1000;
      assert.ok(key >= (newest.get(slot) ?? 0));
      newest.set(slot, key);
    }
  });
});

describe('phase growth', () => {
  const phases = [{ kind: 'growth', from: 0.1, until: 0.9, share: 0.25 }];

  for (const distribution of ['uniform', 'ycsb-zipfian', 'ycsb-latest', 'sequential']) {
    it(`${distribution}: a new key comes with a set of its own, and is not asked for before`, () => {
      const requests = requestsOf(workload({ popularity: { distribution }, phases }));
      assert.equal(requests.keyCount, 1000 + 2000);
      let alive = 1000;
      requests.keys.forEach((key, row) => {
        if (key === alive) {
          assert.equal(requests.ops[row], SET);
          alive++;
        }
        assert.ok(key < alive);
      });
      assert.equal(alive, 3000);
    });
  }

  it('ycsb-latest: the newest key stays the most wanted', () => {
    const requests = requestsOf(workload({ popularity: { distribution: 'ycsb-latest' }, phases }));
    assert.equal(hottest(between(requests, 0.95, 1)), 2999);
  });

  it('ends although hardly any key of a steep law is there at the start', () => {
    const popularity = { distribution: 'zipf', exponent: 8 };
    const requests = requestsOf(
      workload({ keys: { count: 1 }, requests: 300, popularity, phases }),
    );
    assert.equal(requests.rows, 300);
  });
});
