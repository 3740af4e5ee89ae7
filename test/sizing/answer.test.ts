import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Cell } from '../../src/replay/cell.ts';
import { answersFor, leastOf, type PolicyAnswer } from '../../src/sizing/answer.ts';
import type { Curve, PointSource } from '../../src/sizing/curve.ts';
import { isTooShort } from '../../src/sizing/length.ts';
import { evictionsTarget, hitRatioTarget, type Target } from '../../src/sizing/target.ts';
import { curveOf, FACTS, pointOf } from './points.ts';

/** Answers whatever is asked by a law: hit ratio = log10(bytes) / 10, one run a tenth of a point higher than the other. */
const LAW: PointSource = {
  facts: FACTS,
  run(cells) {
    const better = (cell: Cell): number => (cell.policy === 'allkeys-lfu' ? 0.05 : 0);
    const ratio = (cell: Cell): number => Math.log10(cell.maxmemoryBytes) / 10 + better(cell);
    return Promise.resolve(
      cells.map((cell) => {
        const hitRatios = [ratio(cell) - 0.0005, ratio(cell) + 0.0005];
        return pointOf({ bytes: cell.maxmemoryBytes, hitRatios }, cell);
      }),
    );
  },
};

const CURVE = curveOf([
  { bytes: 1e4, hitRatios: [0.3995, 0.4005] },
  { bytes: 1e8, hitRatios: [0.7995, 0.8005] },
]);

async function answer(
  curves: readonly Curve[],
  targets: readonly Target[],
): Promise<readonly PolicyAnswer[]> {
  return (await answersFor(LAW, curves, targets)).answers;
}

describe('answersFor', () => {
  it('finds the least size that meets a target, with what a step is worth', async () => {
    const [need] = await answer([CURVE], [hitRatioTarget(0.6, '')]);
    assert.ok(need.kind === 'need');
    assert.ok(Math.abs(need.bytes / 1e6 - 1) < 0.01, String(need.bytes));
    const [low, high] = need.interval!;
    assert.ok(low < 1e6 && high > 1e6);
    assert.ok(Math.abs(need.more! - need.hitRatio! - Math.log10(1.1) / 10) < 1e-4);
    assert.ok(need.less! < need.hitRatio!);
  });

  it('meets all of several targets', async () => {
    const [need] = await answer([CURVE], [hitRatioTarget(0.5, ''), evictionsTarget(3, '')]);
    // 3 evictions/s of 10 lookups/s are 70 % hits.
    assert.ok(need.kind === 'need' && Math.abs(need.bytes / 1e7 - 1) < 0.02);
  });

  it('says what no size reaches', async () => {
    const [out] = await answer([CURVE], [hitRatioTarget(0.9, '')]);
    assert.ok(out.kind === 'unreachable');
    assert.equal(out.target?.goal, 0.9);
    assert.equal(out.ceiling.cell.maxmemoryBytes, 1e8);
  });

  it('says when the smallest size is enough', async () => {
    const [need] = await answer([CURVE], [hitRatioTarget(0.2, '')]);
    assert.ok(need.kind === 'need' && need.isBelow);
  });
});

describe('leastOf', () => {
  const lfu = {
    ...CURVE,
    cell: { ...CURVE.cell, policy: 'allkeys-lfu' },
    points: [
      pointOf({ bytes: 1e4, hitRatios: [0.4495, 0.4505] }),
      pointOf({ bytes: 1e8, hitRatios: [0.8495, 0.8505] }),
    ],
  };

  it('takes the smallest need, and tells a difference from none', async () => {
    const targets = [hitRatioTarget(0.6, '')];
    const different = leastOf(await answer([CURVE, lfu], targets));
    assert.equal(different.best?.curve.cell.policy, 'allkeys-lfu');
    assert.deepEqual(different.same, []);
    const same = leastOf(
      await answer([CURVE, { ...CURVE, cell: { ...CURVE.cell, seed: 2 } }], targets),
    );
    assert.equal(same.same.length, 1);
  });

  it('has none among what is out of reach', async () => {
    assert.equal(leastOf(await answer([CURVE], [hitRatioTarget(0.9, '')])).best, undefined);
  });
});

describe('isTooShort', () => {
  it('is so while first requests take more than half of the misses allowed', () => {
    // 50 of 1,000 lookups are first requests.
    assert.ok(isTooShort(1e6, FACTS, [hitRatioTarget(0.91, '')]));
    assert.ok(!isTooShort(1e6, FACTS, [hitRatioTarget(0.89, '')]));
    assert.ok(!isTooShort(1e6, FACTS, []));
    assert.ok(!isTooShort(9e6, FACTS, [hitRatioTarget(0.91, '')]), 'beyond 16 million');
  });
});
