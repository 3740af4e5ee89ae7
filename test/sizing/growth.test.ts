import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { withKeys, withTraffic, withValueBytes } from '../../src/sizing/growth.ts';
import { EXPIRE, GET, PERSIST, SET } from '../../src/trace/operations.ts';
import { allocateTrace, type Trace } from '../../src/trace/trace.ts';
import { decodeTtl, encodeTtl, NO_TTL } from '../../src/trace/ttl.ts';
import { withTtls, withTtlScale } from '../../src/sizing/ttl-change.ts';
import { grown } from '../../src/workload/grow.ts';
import { loadWorkload } from '../../src/workload/load.ts';

interface Row {
  readonly key: number;
  readonly op: number;
  readonly ttlMs: number | undefined;
}

function traceOf(rows: readonly Row[], keyCount: number): Trace {
  const trace = allocateTrace('t', rows.length, keyCount);
  rows.forEach(({ key, op, ttlMs }, row) => {
    trace.times[row] = 100 * row;
    trace.ops[row] = op;
    trace.keys[row] = key;
    trace.valueBytes[row] = 10 + key;
    trace.ttls[row] = ttlMs === undefined ? NO_TTL : encodeTtl(ttlMs);
  });
  trace.keyBytes.fill(5);
  return trace;
}

const KEYS = 30;
const traces = fc
  .array(
    fc.record({
      key: fc.integer({ min: 0, max: KEYS - 1 }),
      op: fc.constantFrom(GET, SET, EXPIRE),
      ttlMs: fc.option(fc.integer({ min: 1, max: 1e9 }), { nil: undefined }),
    }),
    { minLength: 1, maxLength: 100 },
  )
  .map((rows) => traceOf(rows, KEYS));

/** Per key, its rows without times. */
function requestsOf(trace: Trace): string[] {
  const of = Array.from({ length: trace.keyCount }, (): string[] => []);
  for (let row = 0; row < trace.rows; row++) {
    of[trace.keys[row]].push(`${trace.ops[row]} ${trace.valueBytes[row]} ${trace.ttls[row]}`);
  }
  return of.map((rows) => rows.join());
}

describe('withKeys', () => {
  it('gives every key a double that does the same, at the same rate of requests', () => {
    fc.assert(
      fc.property(traces, (trace) => {
        const doubled = withKeys(trace, 2);
        assert.equal(doubled.keyCount, 2 * KEYS);
        const expected = requestsOf(trace).flatMap((rows) => [rows, rows]);
        assert.deepEqual(requestsOf(doubled), expected);
        assert.equal(doubled.times[doubled.rows - 1], 2 * trace.times[trace.rows - 1]);
      }),
    );
  });

  it('doubles a fraction of the keys, or keeps one', () => {
    const trace = traceOf(
      Array.from({ length: 2000 }, (_, key) => ({ key, op: GET, ttlMs: undefined })),
      2000,
    );
    for (const factor of [0.25, 1.5, 2.75]) {
      const { keyCount } = withKeys(trace, factor);
      assert.ok(Math.abs(keyCount / 2000 - factor) < 0.05, `${factor}: ${keyCount}`);
    }
  });
});

describe('withTraffic', () => {
  it('changes times and nothing else', () => {
    fc.assert(
      fc.property(traces, (trace) => {
        const faster = withTraffic(trace, 2);
        assert.deepEqual(
          [...faster.times],
          [...trace.times].map((time) => time / 2),
        );
        assert.deepEqual(requestsOf(faster), requestsOf(trace));
      }),
    );
  });

  it('counts in longer ticks when times need more than 32 bits', () => {
    const trace = traceOf(
      [0, 1].map((key) => ({ key, op: GET, ttlMs: undefined })),
      2,
    );
    trace.times[1] = 4e9;
    const slower = withTraffic(trace, 0.1);
    assert.equal(slower.times[1] * slower.tickMs, 4e10);
  });
});

describe('withValueBytes', () => {
  it('multiplies sizes, rounded', () => {
    const trace = traceOf([{ key: 3, op: SET, ttlMs: undefined }], KEYS);
    assert.equal(withValueBytes(trace, 1.5).valueBytes[0], 20);
  });
});

describe('withTtlScale', () => {
  it('multiplies TTLs, at least a millisecond, and leaves what has none', () => {
    const trace = traceOf(
      [60_000, 1, undefined].map((ttlMs) => ({ key: 0, op: SET, ttlMs })),
      1,
    );
    const { ttls } = withTtlScale(trace, 0.5);
    assert.deepEqual([...ttls.subarray(0, 2)].map(decodeTtl), [30_000, 1]);
    assert.equal(ttls[2], NO_TTL);
  });
});

describe('withTtls', () => {
  const named: Trace = {
    ...traceOf(
      [0, 1, 2].map((key) => ({ key, op: SET, ttlMs: 1000 })),
      3,
    ),
    keyNames: ['session:1', 'page:1', 'session.1'],
  };

  it('takes the first rule that fits the name', () => {
    const { trace, idleRules } = withTtls(named, [
      { pattern: 'session:*', ttlMs: 5000 },
      { pattern: 's*', ttlMs: undefined },
      { pattern: 'session*', ttlMs: 1000 },
      { pattern: 'nokey*', ttlMs: 1000 },
    ]);
    const { ttls } = trace;
    assert.equal(decodeTtl(ttls[0]), 5000);
    assert.equal(decodeTtl(ttls[1]), 1000);
    assert.equal(ttls[2], NO_TTL);
    assert.deepEqual(
      idleRules.map(({ pattern }) => pattern),
      ['session*', 'nokey*'],
    );
  });

  it('gives EXPIRE the TTL of the rule; without one it takes the TTL away', () => {
    const trace = traceOf([{ key: 0, op: EXPIRE, ttlMs: 1000 }], 1);
    const { trace: given } = withTtls(trace, [{ pattern: '*', ttlMs: 7000 }]);
    assert.equal(given.ops[0], EXPIRE);
    assert.equal(decodeTtl(given.ttls[0]), 7000);
    assert.equal(withTtls(trace, [{ pattern: '*', ttlMs: undefined }]).trace.ops[0], PERSIST);
  });
});

describe('grown', () => {
  it('multiplies the keys of every group, the rate, and with it the requests', async () => {
    const spec = await loadWorkload('cache-and-queue');
    const larger = grown(spec, { keys: 2, traffic: 3 });
    assert.deepEqual(
      larger.groups.map(({ keys }) => keys.count),
      spec.groups.map(({ keys }) => 2 * keys.count),
    );
    assert.equal(larger.arrival.rate, 3 * spec.arrival.rate);
    assert.equal(larger.requests, 3 * spec.requests);
  });
});
