import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { sampleKeys } from '../../src/sizing/sampling.ts';
import { GET, SET } from '../../src/trace/operations.ts';
import { allocateTrace, type Trace } from '../../src/trace/trace.ts';
import { NO_TTL } from '../../src/trace/ttl.ts';
import { generate } from '../../src/workload/generate.ts';
import { loadWorkload } from '../../src/workload/load.ts';

/** A trace whose rows tell which they are: the value size is the row, the key's length the key. */
function traceOf(keys: readonly number[], keyCount: number): Trace {
  const trace = allocateTrace('t', keys.length, keyCount);
  keys.forEach((key, row) => {
    trace.times[row] = 3 * row;
    trace.ops[row] = row % 5 === 0 ? SET : GET;
    trace.keys[row] = key;
    trace.valueBytes[row] = row;
    trace.ttls[row] = row % 2 === 0 ? NO_TTL : row;
  });
  for (let key = 0; key < keyCount; key++) trace.keyBytes[key] = key;
  return trace;
}

const traces = fc
  .integer({ min: 1, max: 60 })
  .chain((keyCount) =>
    fc
      .array(fc.integer({ min: 0, max: keyCount - 1 }), { maxLength: 200 })
      .map((keys) => traceOf(keys, keyCount)),
  );

const options = { weight: 4, count: 3, salt: 1, warmupRows: 50 };

describe('sampleKeys', () => {
  it('takes all requests of the keys it takes, unchanged and in order, and no key twice', () => {
    fc.assert(
      fc.property(traces, (trace) => {
        const seen = new Set<number>();
        for (const { trace: sample, warmupRows } of sampleKeys(trace, options)) {
          const names = [...sample.keyBytes];
          assert.equal(new Set(names).size, sample.keyCount);
          for (const name of names) {
            assert.ok(!seen.has(name), 'samples are disjoint');
            seen.add(name);
          }
          const expected = [...trace.keys.keys()].filter((row) => names.includes(trace.keys[row]));
          assert.deepEqual([...sample.valueBytes], expected);
          assert.deepEqual(
            [...sample.times],
            expected.map((row) => trace.times[row]),
          );
          assert.deepEqual(
            [...sample.ops],
            expected.map((row) => trace.ops[row]),
          );
          assert.deepEqual(
            [...sample.ttls],
            expected.map((row) => trace.ttls[row]),
          );
          assert.deepEqual(
            [...sample.keys].map((key) => names[key]),
            expected.map((row) => trace.keys[row]),
          );
          assert.equal(warmupRows, expected.filter((row) => row < 50).length);
        }
      }),
    );
  });

  it('takes one key in `weight` of those that live for about as long, give or take the last run', () => {
    fc.assert(
      fc.property(traces, (trace) => {
        /** Per key, the seconds' octave of its longest TTL; traceOf gives them in milliseconds. */
        const lives = new Map([...trace.keyBytes].map((name) => [name, -2]));
        for (let row = 0; row < trace.rows; row++) {
          const ttl = trace.ttls[row];
          const life = ttl === NO_TTL ? -2 : Math.floor(Math.log2(Math.max(0.5, ttl / 1000)));
          lives.set(trace.keys[row], Math.max(lives.get(trace.keys[row])!, life));
        }
        for (const { trace: sample } of sampleKeys(trace, options)) {
          for (const life of new Set(lives.values())) {
            const all = [...lives.values()].filter((other) => other === life).length;
            const count = sample.keyBytes.filter((name) => lives.get(name) === life).length;
            const runs = Math.floor(all / options.weight);
            assert.ok(count >= runs && count <= runs + options.weight - 1);
          }
        }
      }),
    );
  });

  it('splits all keys when there are as many samples as the weight', () => {
    fc.assert(
      fc.property(traces, (trace) => {
        const samples = sampleKeys(trace, { ...options, count: 4 });
        assert.equal(
          samples.reduce((sum, { trace: one }) => sum + one.keyCount, 0),
          trace.keyCount,
        );
      }),
    );
  });

  it('has the share of the requests that it has of the keys, hot keys or not', async () => {
    const trace = generate(await loadWorkload('zipf-0.99', { requests: 100_000 }));
    for (const salt of [1, 2, 3]) {
      for (const { trace: sample } of sampleKeys(trace, {
        ...options,
        weight: 16,
        count: 4,
        salt,
      })) {
        const share = (16 * sample.rows) / trace.rows;
        assert.ok(Math.abs(share - 1) < 0.15, `share ${share}`);
      }
    }
  });

  it('draws other keys with another salt', async () => {
    const trace = generate(await loadWorkload('uniform', { requests: 20_000 }));
    const [first, second] = [1, 2].map((salt) => sampleKeys(trace, { ...options, salt })[0].trace);
    assert.notDeepEqual(first.times, second.times);
  });
});
