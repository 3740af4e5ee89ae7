import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Random } from '../../src/random.ts';
import { ALPHA, judge, smallestP, type TwoSamples } from './two-sample.ts';

const random = new Random(1, 'two-sample');
/** About normal, of standard deviation 1. */
const normal = (): number => {
  let sum = 0;
  for (let i = 0; i < 12; i++) sum += random.float();
  return sum - 6;
};
const runs = (count: number, mean = 0): number[] =>
  Array.from({ length: count }, () => mean + normal());
const cells = (count: number, server: number, model: number, shift = 0): TwoSamples[] =>
  Array.from({ length: count }, () => ({ server: runs(server, shift), model: runs(model) }));

describe('two-sample tests of many cells', () => {
  it('do not tell apart what is the same', () => {
    for (const [server, model] of [
      [1, 8],
      [2, 20],
      [5, 20],
      [9, 20],
    ]) {
      const apart = judge(cells(100, server, model)).filter(({ isApart }) => isApart);
      assert.ok(apart.length <= 1, `${server}, ${model}: ${apart.length}`);
    }
  });

  it('tell apart what is not, beyond the difference they name', () => {
    for (const server of [1, 5, 9]) {
      const same = judge(cells(50, server, 20));
      const visible = same.map((one) => one.visible).sort((a, b) => a - b);
      // Farther than any of them needs, with room for the chance of the means.
      const shift = visible[visible.length - 1] + 3;
      const other = judge(cells(50, server, 20, shift));
      assert.ok(
        other.every(({ isApart }) => isApart),
        `${server}: ${other.filter(({ isApart }) => isApart).length}`,
      );
      assert.ok(visible[0] > 0.5 && shift < 12, `${visible[0]} … ${shift}`);
    }
  });

  it('see less with fewer runs', () => {
    const median = (server: number): number => {
      const visible = judge(cells(40, server, 20)).map((one) => one.visible);
      return visible.sort((a, b) => a - b)[20];
    };
    assert.ok(median(1) > median(5) && median(5) > median(9));
  });

  it('go by ranks where there are runs enough for any answer', () => {
    // 2 of C(25, 5) = 53130 orders; of C(13, 5) = 1287.
    assert.equal(smallestP(5, 20), 2 / 53_130);
    assert.equal(smallestP(5, 8), 2 / 1287);
    const test = (count: number, server: number, model: number): string =>
      judge(cells(count, server, model))[0].test;
    assert.equal(test(200, 5, 20), 'ranks');
    assert.equal(test(200, 5, 8), 'prediction');
    assert.equal(test(1, 2, 1000), 'prediction');
    assert.ok(smallestP(5, 20) <= ALPHA / 200);
  });

  it('take equal runs for alike, even without any spread', () => {
    const [same, other] = judge([
      { server: [3], model: [3, 3, 3] },
      { server: [4], model: [3, 3, 3] },
    ]);
    assert.deepEqual([same.p, same.isApart, other.isApart], [1, false, true]);
  });
});
