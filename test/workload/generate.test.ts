import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { DEL, EXPIRE, GET, OPERATIONS, SET, SETKEEP, TOUCH } from '../../src/trace/operations.ts';
import type { Trace } from '../../src/trace/trace.ts';
import { NO_TTL, decodeTtl } from '../../src/trace/ttl.ts';
import { generate } from '../../src/workload/generate.ts';
import { hashTrace } from './hash-trace.ts';
import { requestsOf } from './requests.ts';
import { anySpec, groupedWorkload, workload } from './specs.ts';

const ttl = { distribution: 'fixed', value: '5s' };
const rowsOf = (trace: Trace): number[] => Array.from({ length: trace.rows }, (_, row) => row);
const share = (trace: Trace, is: (row: number) => boolean): number =>
  rowsOf(trace).filter(is).length / trace.rows;
const near = (actual: number, expected: number, tolerance: number): void => {
  assert.ok(
    Math.abs(actual - expected) <= tolerance,
    `${actual}, expected ${expected} ± ${tolerance}`,
  );
};

describe('every trace', () => {
  it('numbers keys in order of first appearance, up to keyCount', () => {
    fc.assert(
      fc.property(anySpec, (spec) => {
        const trace = generate(spec);
        let known = 0;
        for (const key of trace.keys) {
          assert.ok(key <= known);
          if (key === known) known++;
        }
        assert.equal(known, trace.keyCount);
      }),
    );
  });

  it('has ids below keyCount, known operations, and times that never go back', () => {
    fc.assert(
      fc.property(anySpec, (spec) => {
        const trace = generate(spec);
        assert.equal(trace.rows, spec.requests);
        assert.equal(trace.keyBytes.length, trace.keyCount);
        for (let row = 0; row < trace.rows; row++) {
          assert.ok(trace.keys[row] < trace.keyCount, `id ${trace.keys[row]} of ${trace.keyCount}`);
          assert.ok(trace.ops[row] < OPERATIONS.length);
          assert.ok(row === 0 || trace.times[row] >= trace.times[row - 1]);
        }
      }),
    );
  });

  it('is the same for the same seed, and another for another', () => {
    fc.assert(
      fc.property(anySpec, (spec) => {
        const same = hashTrace(generate(spec));
        assert.equal(hashTrace(generate(structuredClone(spec))), same);
      }),
    );
    assert.notEqual(
      hashTrace(generate(workload({ seed: 1 }))),
      hashTrace(generate(workload({ seed: 2 }))),
    );
  });

  it('has key names long enough for their numbers', () => {
    fc.assert(
      fc.property(anySpec, (spec) => {
        const trace = generate(spec);
        trace.keyBytes.forEach((bytes, id) => {
          assert.ok(bytes >= `k${id}`.length);
        });
      }),
    );
  });
});

describe('operations', () => {
  it('come in their ratios', () => {
    const trace = generate(workload({ requests: 50_000, operations: { get: 6, set: 3, del: 1 } }));
    near(
      share(trace, (row) => trace.ops[row] === GET),
      0.6,
      0.01,
    );
    near(
      share(trace, (row) => trace.ops[row] === SET),
      0.3,
      0.01,
    );
    near(
      share(trace, (row) => trace.ops[row] === DEL),
      0.1,
      0.01,
    );
  });

  it('read-modify-write is a get and then a set of the same key', () => {
    const trace = generate(workload({ operations: { 'read-modify-write': 1 } }));
    for (let row = 0; row + 1 < trace.rows; row += 2) {
      assert.deepEqual([trace.ops[row], trace.ops[row + 1]], [GET, SET]);
      assert.equal(trace.keys[row], trace.keys[row + 1]);
    }
  });

  it('scan gets 1 to scan_keys keys in key order, on average half of it', () => {
    const trace = generate(workload({ requests: 60_000, operations: { scan: 1 }, scan_keys: 20 }));
    // Which key comes after which is not in the trace any more; within runs it is always the same one.
    const followers = Array.from({ length: 1000 }, () => new Map<number, number>());
    for (let row = 1; row < trace.rows; row++) {
      const after = followers[trace.keys[row - 1]];
      after.set(trace.keys[row], (after.get(trace.keys[row]) ?? 0) + 1);
    }
    const usual = followers.map((after) => {
      const [first] = [...after].sort((a, b) => b[1] - a[1]);
      return first[0];
    });
    let runs = 1;
    for (let row = 1; row < trace.rows; row++) {
      assert.equal(trace.ops[row], GET);
      if (trace.keys[row] !== usual[trace.keys[row - 1]]) runs++;
    }
    near(trace.rows / runs, 10.5, 0.3);
  });

  it('carries sizes and TTLs where something is written or filled, and nowhere else', () => {
    const trace = generate(
      workload({
        operations: { get: 1, set: 1, del: 1, expire: 1, touch: 1, setkeep: 1 },
        ttl: { distribution: 'fixed', value: '60s' },
      }),
    );
    for (let row = 0; row < trace.rows; row++) {
      const op = trace.ops[row];
      const stores = op === GET || op === SET || op === SETKEEP;
      assert.equal(trace.valueBytes[row], stores ? 100 : 0);
      const expires = op === GET || op === SET || op === EXPIRE;
      assert.equal(trace.ttls[row], expires ? 60_000 : NO_TTL);
      if (op === TOUCH) assert.equal(trace.ttls[row], NO_TTL);
    }
  });
});

describe('sizes and TTLs', () => {
  it('are the key’s own', () => {
    const trace = generate(
      workload({
        values: { distribution: 'lognormal', mean: 300, sigma: 1 },
        ttl: { distribution: 'uniform', min: '1m', max: '1h', fraction: 0.5 },
      }),
    );
    const sizes = new Map<number, number>();
    const ttls = new Map<number, number>();
    for (let row = 0; row < trace.rows; row++) {
      const key = trace.keys[row];
      assert.equal(trace.valueBytes[row], sizes.get(key) ?? trace.valueBytes[row]);
      assert.equal(trace.ttls[row], ttls.get(key) ?? trace.ttls[row]);
      sizes.set(key, trace.valueBytes[row]);
      ttls.set(key, trace.ttls[row]);
    }
    assert.ok(new Set(sizes.values()).size > 200);
    const without = [...ttls.values()].filter((code) => code === NO_TTL).length;
    near(without / ttls.size, 0.5, 0.07);
  });

  it('are drawn at each request with redraw', () => {
    const trace = generate(
      workload({
        keys: { count: 1 },
        values: { distribution: 'uniform', min: 1, max: '1kb', redraw: true },
        ttl: { distribution: 'uniform', min: '1s', max: '1h', redraw: true },
      }),
    );
    assert.ok(new Set(trace.valueBytes).size > 1000);
    assert.ok(new Set(trace.ttls).size > 9000);
  });

  it('jitter varies a TTL within its fraction, and only on keys that have one', () => {
    const trace = generate(
      workload({ ttl: { distribution: 'fixed', value: '100s', fraction: 0.6, jitter: 0.1 } }),
    );
    const drawn = Array.from(trace.ttls).filter((code) => code !== NO_TTL);
    near(drawn.length / trace.rows, 0.6, 0.07);
    const seconds = drawn.map((code) => decodeTtl(code) / 1000);
    assert.ok(Math.min(...seconds) >= 90 && Math.max(...seconds) <= 110);
    near(seconds.reduce((sum, s) => sum + s, 0) / seconds.length, 100, 0.5);
  });

  it('an expire of a key that was given none draws one', () => {
    const trace = generate(
      workload({
        operations: { expire: 1 },
        ttl: { distribution: 'fixed', value: '100s', fraction: 0.5 },
      }),
    );
    assert.ok(trace.ttls.every((code) => code === 100_000));
  });

  it('changing sizes leaves keys and operations as they were', () => {
    const first = generate(workload({ operations: { get: 1, set: 1 } }));
    const second = generate(
      workload({ operations: { get: 1, set: 1 }, values: { distribution: 'facebook-etc-values' } }),
    );
    assert.deepEqual(second.keys, first.keys);
    assert.deepEqual(second.ops, first.ops);
  });
});

describe('scattering', () => {
  const counts = (scatter: boolean): Uint32Array => {
    const popularity = { distribution: 'zipf', exponent: 1.2, scatter };
    const { keys, keyCount } = requestsOf(workload({ popularity }));
    const seen = new Uint32Array(keyCount);
    for (const key of keys) seen[key]++;
    return seen;
  };

  it('keeps the hottest first when off, and moves them when on', () => {
    assert.equal(counts(false).indexOf(Math.max(...counts(false))), 0);
    assert.notEqual(counts(true).indexOf(Math.max(...counts(true))), 0);
  });

  it('only renames keys: as many requests go to the hottest', () => {
    assert.deepEqual(counts(true).sort(), counts(false).sort());
  });
});

describe('groups', () => {
  it('share the operations by weight, and no keys', () => {
    const trace = generate(
      groupedWorkload({
        cache: { weight: 3, keys: { count: 200 } },
        queue: { weight: 1, keys: { count: 50 }, operations: { set: 1 }, ttl },
      }),
    );
    assert.equal(trace.keyCount, 250);
    const isSet = (row: number): boolean => trace.ops[row] === SET;
    near(share(trace, isSet), 0.25, 0.02);
    const written = new Set(
      rowsOf(trace)
        .filter(isSet)
        .map((row) => trace.keys[row]),
    );
    assert.equal(written.size, 50);
    for (const row of rowsOf(trace)) {
      assert.equal(isSet(row), written.has(trace.keys[row]));
      assert.equal(trace.ttls[row], isSet(row) ? 5000 : NO_TTL);
    }
  });
});

describe('a key space far larger than the trace', () => {
  it('costs no more than the keys that are asked for', () => {
    const popularity = { distribution: 'zipf', exponent: 0.5 };
    const trace = generate(workload({ keys: { count: 2 ** 32 }, popularity }));
    assert.equal(trace.rows, 10_000);
    assert.ok(trace.keyCount > 9000 && trace.keyBytes.length === trace.keyCount);
  });

  it('has its limit, and says so', () => {
    const huge = workload({ keys: { count: 2 ** 32 }, phases: [{ kind: 'churn', turnover: 1 }] });
    assert.throws(
      () => generate(huge),
      /UsageError: test: 8589934592 keys, .* more than the 2\^32/,
    );
  });
});
