import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { crossing, valueAt } from '../../src/sizing/curve.ts';
import { kneeOf } from '../../src/sizing/knee.ts';
import { estimate, HIT_RATIO, MINIATURE_ERROR, type CurvePoint } from '../../src/sizing/point.ts';
import { roundUpSize } from '../../src/sizing/redis-size.ts';
import { parseSize } from '../../src/units.ts';
import { curveOf, FACTS, pointOf } from './points.ts';

const ratioOf = (point: CurvePoint): number => estimate(point, HIT_RATIO, FACTS)!.mean;

describe('a curve', () => {
  const curve = curveOf([
    { bytes: 1000, hitRatios: [0.2] },
    { bytes: 10_000, hitRatios: [0.6] },
    { bytes: 100_000, hitRatios: [0.8] },
  ]);

  it('is straight over the logarithm of the bytes between its points', () => {
    assert.ok(Math.abs(valueAt(curve, Math.sqrt(1e7), ratioOf)! - 0.4) < 1e-9);
    assert.equal(valueAt(curve, 10_000, ratioOf), ratioOf(curve.points[1]));
    assert.equal(valueAt(curve, 999, ratioOf), undefined);
    assert.equal(valueAt(curve, 100_001, ratioOf), undefined);
  });

  it('crosses a goal where it has that value', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.21, max: 0.79, noNaN: true }), (goal) => {
        const { bytes, isBelow } = crossing(curve, 'higher', goal, ratioOf)!;
        assert.ok(!isBelow);
        assert.ok(Math.abs(valueAt(curve, bytes, ratioOf)! - goal) < 1e-6);
      }),
    );
  });

  it('says so when the smallest size is enough, and when none is', () => {
    assert.deepEqual(crossing(curve, 'higher', 0.1, ratioOf), { bytes: 1000, isBelow: true });
    assert.equal(crossing(curve, 'higher', 0.81, ratioOf), undefined);
  });

  it('takes the crossing after which it stays above: a dip counts', () => {
    const dipping = curveOf([
      { bytes: 1000, hitRatios: [0.5] },
      { bytes: 2000, hitRatios: [0.7] },
      { bytes: 4000, hitRatios: [0.55] },
      { bytes: 8000, hitRatios: [0.8] },
    ]);
    assert.ok(crossing(dipping, 'higher', 0.6, ratioOf)!.bytes > 4000);
  });

  it('does not cross to where writes are refused', () => {
    const refusing = (point: CurvePoint): number | undefined =>
      point.cell.maxmemoryBytes < 10_000 ? undefined : ratioOf(point);
    assert.deepEqual(crossing(curve, 'higher', 0.1, refusing), { bytes: 10_000, isBelow: false });
  });
});

describe('kneeOf', () => {
  it('finds the corner of a curve with one', () => {
    const knee = kneeOf(
      curveOf([
        { bytes: 1000, hitRatios: [0.1] },
        { bytes: 20_000, hitRatios: [0.9] },
        { bytes: 100_000, hitRatios: [0.95] },
      ]),
      FACTS,
    )!;
    assert.ok(Math.abs(knee - 20_000) < 1000, String(knee));
  });

  it('is nowhere on a curve that rises by the byte, or not at all', () => {
    const line = [10, 20, 40, 60, 80, 100].map((x) => ({ bytes: x * 1000, hitRatios: [x / 100] }));
    // Between points the curve is straight over the logarithm, a little above the line.
    const knee = kneeOf(curveOf(line), FACTS);
    assert.ok(knee === undefined || !line.some(({ bytes }) => Math.abs(bytes / knee - 1) < 0.01));
    const flat = [1, 2, 3].map((x) => ({ bytes: x * 1000, hitRatios: [0.5] }));
    assert.equal(kneeOf(curveOf(flat), FACTS), undefined);
  });

  it('leaves out sizes at which writes are refused', () => {
    const knee = kneeOf(
      curveOf([
        { bytes: 1000, hitRatios: [0.1], oomErrors: 9 },
        { bytes: 20_000, hitRatios: [0.9], oomErrors: 9 },
        { bytes: 100_000, hitRatios: [0.95] },
      ]),
      FACTS,
    );
    assert.equal(knee, undefined);
  });
});

describe('estimate', () => {
  it('is the mean with Student’s interval, wider by what a miniature may be off by', () => {
    const { mean, halfWidth } = estimate(
      pointOf({ bytes: 1, hitRatios: [0.5, 0.52, 0.48, 0.5] }),
      HIT_RATIO,
      FACTS,
    )!;
    assert.ok(Math.abs(mean - 0.5) < 1e-12);
    // sd 0.01633, t(0.975; 3) = 3.1824.
    assert.ok(Math.abs(halfWidth! - (3.1824 * 0.0163299) / 2 - MINIATURE_ERROR) < 1e-6);
  });

  it('has no interval for one run, and no hit ratio without lookups', () => {
    const point = pointOf({ bytes: 1, hitRatios: [0.5] });
    assert.equal(estimate(point, HIT_RATIO, FACTS)!.halfWidth, undefined);
    assert.equal(estimate(point, HIT_RATIO, { ...FACTS, lookups: 0 }), undefined);
  });
});

describe('roundUpSize', () => {
  it('is a size of redis.conf, never smaller and less than 1 % larger', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e5, max: 1e15, noNaN: true }), (wanted) => {
        const { text, bytes } = roundUpSize(wanted);
        assert.equal(parseSize(text, 'size'), bytes);
        assert.ok(bytes >= wanted && bytes < wanted * 1.011);
      }),
    );
    assert.equal(roundUpSize(200 * 1024 ** 2 + 1).text, '201mb');
  });
});
