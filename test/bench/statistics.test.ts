import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { permutationTest } from 'simple-statistics';
import { bootstrapMedianRatio } from '../../src/bench/bootstrap.ts';
import { holm } from '../../src/metrics/holm.ts';
import { mannWhitney } from '../../src/metrics/mann-whitney.ts';
import { Random } from '../../src/random.ts';

const close = (actual: number, expected: number, tolerance = 1e-9): void => {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual}, expected ${expected}`);
};

describe('Mann-Whitney', () => {
  it('gives the p-values of the exact tables', () => {
    // 2 of C(10, 5) = 252 arrangements are as extreme as two samples of five without overlap.
    close(mannWhitney([1, 2, 3, 4, 5], [6, 7, 8, 9, 10]), 2 / 252);
    // U = 1: that and one more on either side.
    close(mannWhitney([1, 2, 3, 4, 6], [5, 7, 8, 9, 10]), 4 / 252);
    // The example of scipy.stats.mannwhitneyu: U = 17, p = 0.1111.
    close(mannWhitney([19, 22, 16, 29, 24], [20, 11, 17, 12]), 1 / 9);
    const a = [1.2, 3.4, 2.2, 5.1, 4.4, 6, 2.9, 3.3];
    close(mannWhitney(a, [4.5, 6.1, 7.2, 5.5, 3.9, 8, 6.6, 7.7]), 0.004662004662004662);
    close(mannWhitney([1], [2]), 1);
  });

  it('counts every arrangement of small samples', () => {
    const values = [1, 2, 3, 4, 5, 6, 7];
    const us: number[] = [];
    const choose = (from: number, chosen: number[]): void => {
      if (chosen.length === 3) {
        const rest = values.filter((v) => !chosen.includes(v));
        us.push(chosen.reduce((sum, c) => sum + rest.filter((r) => r < c).length, 0));
        return;
      }
      for (let i = from; i < values.length; i++) choose(i + 1, [...chosen, values[i]]);
    };
    choose(0, []);
    const p = us.filter((u) => Math.abs(u - 6) >= 5).length / us.length;
    close(mannWhitney([7, 6, 4], [1, 2, 3, 5]), p);
  });

  it('approximates with ties, and is 1 when all values are equal', () => {
    // scipy.stats.mannwhitneyu(…, method='asymptotic'), which corrects for ties and continuity as well.
    close(mannWhitney([1, 2, 2, 3, 4, 5], [3, 4, 4, 5, 6, 7]), 0.06226112, 1e-6);
    assert.equal(mannWhitney([3, 3, 3], [3, 3]), 1);
  });

  it('the approximation agrees with the exact count where both apply', () => {
    const random = new Random(1, 'mann-whitney');
    const a = Array.from({ length: 60 }, () => random.float());
    const b = Array.from({ length: 60 }, () => random.float() + 0.1);
    const exact = mannWhitney(a.slice(0, 50), b.slice(0, 50));
    const tied = mannWhitney([...a.slice(0, 50), 9], [...b.slice(0, 50), 9]);
    close(tied, exact, 0.01);
  });

  it('rejects a true null about as often as it says', () => {
    const random = new Random(2, 'mann-whitney');
    const draw = (): number[] => Array.from({ length: 10 }, () => random.float());
    let rejected = 0;
    for (let i = 0; i < 1000; i++) if (mannWhitney(draw(), draw()) < 0.05) rejected++;
    assert.ok(rejected > 25 && rejected < 75, String(rejected));
  });

  it('agrees with a permutation test on a clear difference', () => {
    const a = [10, 11, 12, 13, 14, 15, 16, 17];
    const b = a.map((value) => value + 6.5);
    assert.ok(mannWhitney(a, b) < 0.01);
    assert.ok(permutationTest(a, b, 'two_side', 2000, randomOf(3)) < 0.01);
  });
});

function randomOf(seed: number): () => number {
  const random = new Random(seed, 'permutation');
  return () => random.float();
}

describe('Holm', () => {
  it('multiplies by the number of hypotheses left and never goes down', () => {
    const adjusted = holm([0.01, 0.04, 0.03, 0.005]);
    // R: p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm")
    [0.03, 0.06, 0.06, 0.02].forEach((expected, i) => {
      close(adjusted[i], expected);
    });
    assert.deepEqual(holm([0.7, 0.9]), [1, 1]);
    assert.deepEqual(holm([]), []);
  });
});

describe('the bootstrap of the median ratio', () => {
  const blocksOf = (random: Random, scale: number): number[][] =>
    Array.from({ length: 10 }, () =>
      Array.from({ length: 3 }, () => scale * (1 + 0.05 * (random.float() - 0.5))),
    );

  it('holds the true ratio and is the same for the same seed', () => {
    const random = new Random(4, 'samples');
    const [a, b] = [blocksOf(random, 100), blocksOf(random, 130)];
    const of = (): { low: number; high: number } =>
      bootstrapMedianRatio(a, b, { random: new Random(1, 'bootstrap'), paired: false });
    const { low, high } = of();
    assert.ok(low < 1.3 && 1.3 < high && high - low < 0.06, `${low} … ${high}`);
    assert.deepEqual(of(), { low, high });
  });

  it('covers the true ratio about as often as it says', () => {
    const random = new Random(5, 'samples');
    let covered = 0;
    for (let i = 0; i < 200; i++) {
      const { low, high } = bootstrapMedianRatio(blocksOf(random, 1), blocksOf(random, 1), {
        random,
        paired: false,
        resamples: 300,
      });
      if (low <= 1 && high >= 1) covered++;
    }
    assert.ok(covered >= 180, String(covered));
  });

  it('lets slowness common to a pair of blocks cancel out', () => {
    const random = new Random(6, 'samples');
    const load = Array.from({ length: 8 }, () => 1 + random.float());
    const blocks = (scale: number): number[][] =>
      load.map((slow) => [1, 1.01, 0.99].map((noise) => scale * slow * noise));
    const width = (paired: boolean): number => {
      const { low, high } = bootstrapMedianRatio(blocks(1), blocks(1.2), { random, paired });
      return high - low;
    };
    assert.ok(width(true) < 0.6 * width(false), `${width(true)} ${width(false)}`);
  });
});
