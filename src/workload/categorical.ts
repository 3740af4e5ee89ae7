import type { Random } from '../random.ts';

/** Draws an index in proportion to its weight (weights ≥ 0, their sum > 0); one uniform number and O(log n) a draw. */
export class Categorical {
  private readonly cumulative: Float64Array;
  private readonly total: number;

  constructor(weights: readonly number[]) {
    let total = 0;
    this.cumulative = Float64Array.from(weights, (weight) => (total += weight));
    this.total = total;
  }

  next(random: Random): number {
    const { cumulative } = this;
    const point = random.float() * this.total;
    let low = 0;
    let high = cumulative.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (cumulative[middle] > point) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
