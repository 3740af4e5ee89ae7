import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Random } from '../../src/random.ts';
import type { Amount } from '../../src/workload/amounts/amount.ts';
import { AMOUNTS, createAmount } from '../../src/workload/amounts/registry.ts';
import { drawing, frequencies, sampleMean, sampleQuantile } from './statistics.ts';

const DRAWS = 200_000;
const source = (): Random => new Random(7, 'amounts test');
const drawsOf = (amount: Amount): (() => number) => drawing(amount, source());
const near = (actual: number, expected: number, relative: number): void => {
  assert.ok(
    Math.abs(actual - expected) <= relative * expected,
    `${actual}, expected ${expected} ± ${100 * relative} %`,
  );
};

describe('amounts', () => {
  it('fixed: always the same', () => {
    assert.equal(drawsOf(createAmount({ distribution: 'fixed', value: 300 }))(), 300);
  });

  it('uniform: all whole values from min to max, each equally often', () => {
    const amount = createAmount({ distribution: 'uniform', min: 10, max: 19 });
    const draw = drawsOf(amount);
    const seen = frequencies(() => Math.round(draw()) - 10, 100_000, 10);
    for (const count of seen) near(count, 10_000, 0.05);
  });

  it('lognormal: has the mean asked for, and the median below it by e^(sigma² / 2)', () => {
    const amount = createAmount({ distribution: 'lognormal', mean: 300, sigma: 0.8 });
    near(sampleMean(drawsOf(amount), DRAWS), 300, 0.01);
    near(sampleQuantile(drawsOf(amount), DRAWS, 0.5), 300 * Math.exp(-0.32), 0.01);
    near(sampleQuantile(drawsOf(amount), DRAWS, 0.99), 300 * Math.exp(-0.32 + 0.8 * 2.3263), 0.02);
  });

  it('choice: each value by its weight', () => {
    const of = [
      { value: 0, weight: 65 },
      { value: 1, weight: 27 },
      { value: 2, weight: 8 },
    ];
    const seen = frequencies(drawsOf(createAmount({ distribution: 'choice', of })), 100_000, 3);
    near(seen[0], 65_000, 0.02);
    near(seen[1], 27_000, 0.02);
    near(seen[2], 8_000, 0.04);
  });

  it('histogram: buckets by weight, evenly within each', () => {
    const buckets = [
      { min: 0, max: 9, weight: 1 },
      { min: 10, max: 49, weight: 3 },
    ];
    const amount = createAmount({ distribution: 'histogram', buckets });
    const draw = drawsOf(amount);
    const seen = frequencies(() => Math.abs(Math.round(draw())), 100_000, 50);
    near(
      seen.slice(10).reduce((sum, count) => sum + count, 0),
      75_000,
      0.02,
    );
    near(seen[10], 75_000 / 40, 0.1);
    near(seen[49], 75_000 / 40, 0.1);
  });

  it('generalized-pareto: mean location + scale / (1 − shape) and closed-form quantiles', () => {
    const spec = {
      distribution: 'generalized-pareto',
      location: 0,
      scale: 214.476,
      shape: 0.348238,
    };
    const draw = drawsOf(createAmount(spec));
    near(sampleMean(draw, 4 * DRAWS), 329.07, 0.01);
    const quantile = (q: number): number => (214.476 * ((1 - q) ** -0.348238 - 1)) / 0.348238;
    near(quantile(0.99), 2446, 0.001);
    for (const q of [0.5, 0.9, 0.99]) near(sampleQuantile(draw, DRAWS, q), quantile(q), 0.03);
  });

  it('generalized-pareto: shape 0 is the exponential law', () => {
    const spec = { distribution: 'generalized-pareto', location: 5, scale: 100, shape: 0 };
    near(sampleMean(drawsOf(createAmount(spec)), DRAWS), 105, 0.01);
  });

  it('facebook-etc-keys: GEV(30.7984, 8.20449, 0.078688), mean 36.22, median 33.85', () => {
    const draw = drawsOf(createAmount({ distribution: 'facebook-etc-keys' }));
    near(sampleMean(draw, DRAWS), 36.22, 0.005);
    const quantile = (q: number): number =>
      30.7984 + (8.20449 * ((-Math.log(q)) ** -0.078688 - 1)) / 0.078688;
    near(quantile(0.5), 33.85, 0.001);
    for (const q of [0.1, 0.5, 0.9, 0.99]) near(sampleQuantile(draw, DRAWS, q), quantile(q), 0.02);
  });

  it('facebook-etc-values: the published table below 15 bytes, and nothing of the tail there', () => {
    const draw = drawsOf(createAmount({ distribution: 'facebook-etc-values' }));
    const seen = frequencies(() => Math.min(15, Math.floor(draw())), DRAWS, 16);
    near(seen[15] / DRAWS, 1 - 0.44155, 0.01);
    near(seen[2] / DRAWS, 0.1782, 0.03);
    near(seen[3] / DRAWS, 0.09239, 0.03);
    near(seen[11] / DRAWS, 0.08989, 0.03);
    near(seen[14] / DRAWS, 0.0198, 0.06);
  });

  it('facebook-etc-values: mean 198.9, the reading with the tail conditioned on 15 and more', () => {
    const draw = drawsOf(createAmount({ distribution: 'facebook-etc-values' }));
    near(sampleMean(draw, 5 * DRAWS), 198.9, 0.01);
  });

  it('has no two distributions of one name', () => {
    assert.equal(new Set(AMOUNTS.map(({ name }) => name)).size, AMOUNTS.length);
  });
});
