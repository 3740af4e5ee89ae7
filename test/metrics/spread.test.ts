import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sameWithinNoise, spread } from '../../src/metrics/spread.ts';

const close = (actual: number | undefined, expected: number): void => {
  assert.ok(actual !== undefined && Math.abs(actual - expected) < 1e-4, `${actual} ≈ ${expected}`);
};

describe('spread', () => {
  it('is the mean, the sample deviation and the t interval of the textbooks', () => {
    // Student's t at 97.5 %: 4.302653 with 2 degrees of freedom, 2.776445 with 4.
    const three = spread([1, 2, 3]);
    close(three.mean, 2);
    close(three.sd, 1);
    close(three.halfWidth95, 4.302653 / Math.sqrt(3));
    close(spread([1, 2, 3, 4, 5]).halfWidth95, (2.776445 * Math.sqrt(2.5)) / Math.sqrt(5));
  });

  it('has no interval for one value', () => {
    assert.deepEqual(spread([7]), { count: 1, mean: 7, sd: 0, halfWidth95: undefined });
  });
});

describe('sameWithinNoise', () => {
  it('compares seed by seed, so that what the seeds have in common cancels', () => {
    assert.equal(sameWithinNoise([10, 20, 30], [11, 21, 31]), false);
    assert.equal(sameWithinNoise([10, 20, 30], [12, 19, 30.5]), true);
  });

  it('takes equal series for the same, however few', () => {
    assert.equal(sameWithinNoise([5], [5]), true);
    assert.equal(sameWithinNoise([5, 6], [5, 6]), true);
  });

  it("can't tell from one pair that differs", () => {
    assert.equal(sameWithinNoise([5], [6]), undefined);
  });
});
