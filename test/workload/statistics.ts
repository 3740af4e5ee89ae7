import type { Random } from '../../src/random.ts';

/** Sample mean of `draws` draws. */
export function sampleMean(draw: () => number, draws: number): number {
  let sum = 0;
  for (let i = 0; i < draws; i++) sum += draw();
  return sum / draws;
}

/** How often each value in [0, count) was drawn. */
export function frequencies(draw: () => number, draws: number, count: number): Uint32Array {
  const seen = new Uint32Array(count);
  for (let i = 0; i < draws; i++) {
    const value = draw();
    if (!Number.isInteger(value) || value < 0 || value >= count) {
      throw new Error(`drew ${value}, which is not a whole number in [0, ${count})`);
    }
    seen[value]++;
  }
  return seen;
}

/**
 * Pearson's chi-square of frequencies against probabilities (they are normalised), in standard deviations from its
 * expectation: neighbouring cells are joined until 10 draws are expected; beyond ±4 the law is wrong.
 */
export function chiSquareDeviation(
  seen: ArrayLike<number>,
  probability: (value: number) => number,
): number {
  let draws = 0;
  let mass = 0;
  for (let value = 0; value < seen.length; value++) {
    draws += seen[value];
    mass += probability(value);
  }
  let chiSquare = 0;
  let cells = 0;
  let expected = 0;
  let observed = 0;
  for (let value = 0; value < seen.length; value++) {
    expected += (probability(value) / mass) * draws;
    observed += seen[value];
    if (expected < 10) continue;
    chiSquare += (observed - expected) ** 2 / expected;
    cells++;
    expected = 0;
    observed = 0;
  }
  const freedom = cells - 1;
  return (chiSquare - freedom) / Math.sqrt(2 * freedom);
}

/** Share of the draws that fall on the `top` most drawn values. */
export function topShare(seen: Uint32Array, top: number): number {
  const sorted = Float64Array.from(seen).sort().reverse();
  let sum = 0;
  let all = 0;
  for (let i = 0; i < sorted.length; i++) {
    all += sorted[i];
    if (i < top) sum += sorted[i];
  }
  return sum / all;
}

/** The value below which a fraction `q` of `draws` draws lies. */
export function sampleQuantile(draw: () => number, draws: number, q: number): number {
  const values = Float64Array.from({ length: draws }, draw).sort();
  return values[Math.floor(q * draws)];
}

/** Binds a generator to its source. */
export function drawing(generator: { next(random: Random): number }, random: Random): () => number {
  return () => generator.next(random);
}
