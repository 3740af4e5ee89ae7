import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  hitsOfWhole,
  lookupsByReuse,
  noneByReuse,
  REUSE_CLASSES,
  reuseClasses,
} from '../../src/sizing/reuse.ts';
import { GET, SET, TOUCH } from '../../src/trace/operations.ts';
import { allocateTrace, type Trace } from '../../src/trace/trace.ts';

function traceOf(rows: readonly { key: number; time: number; op?: number }[]): Trace {
  const trace = allocateTrace('t', rows.length, 4);
  for (const [i, { key, time, op = GET }] of rows.entries()) {
    trace.keys[i] = key;
    trace.times[i] = time;
    trace.ops[i] = op;
    trace.valueBytes[i] = 100;
  }
  return trace;
}

describe('reuse', () => {
  it('puts a request into the class of the time since the last one of its key', () => {
    const gaps = [0, 1, 2, 3, 4, 6, 8, 1000, 4_000_000_000];
    const classes = gaps.map((gap) => {
      const [first, second] = reuseClasses(
        traceOf([
          { key: 1, time: 7 },
          { key: 1, time: 7 + gap },
        ]),
      );
      assert.equal(first, REUSE_CLASSES - 1);
      return second;
    });
    assert.deepEqual(
      [...classes].sort((a, b) => a - b),
      classes,
    );
    // Two classes to a doubling.
    assert.equal(new Set(classes).size, gaps.length);
    assert.equal(classes[6] - classes[4], 2);
    assert.ok(classes[classes.length - 1] < REUSE_CLASSES - 1);
  });

  it('counts the lookups after the warm-up, and the bytes of those that answer with a value', () => {
    const trace = traceOf([
      { key: 0, time: 0 },
      { key: 0, time: 4 },
      { key: 1, time: 4, op: SET },
      { key: 1, time: 8, op: TOUCH },
      { key: 2, time: 8 },
    ]);
    const classes = reuseClasses(trace);
    const { lookups, bytes } = lookupsByReuse(trace, classes, 1);
    assert.equal(classes[1], classes[3]);
    assert.equal(lookups[classes[1]], 2);
    assert.equal(bytes[classes[1]], 100);
    assert.equal(lookups[REUSE_CLASSES - 1], 1);
    assert.equal(
      lookups.reduce((sum, count) => sum + count),
      3,
    );
  });

  it('gives the whole what each class of the sample hits', () => {
    const [hits, sample, whole] = [noneByReuse(), noneByReuse(), noneByReuse()].map(
      ({ lookups }) => lookups,
    );
    sample.set([10, 20]);
    hits.set([10, 5]);
    whole.set([100, 600]);
    assert.equal(hitsOfWhole(hits, { sample, whole }), 100 + 150);
  });
});
