import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  exp,
  expMinusOne,
  ln,
  lnOnePlus,
  power,
  sineOfTurn,
} from '../../src/workload/portable-math.ts';

const close = (actual: number, expected: number, relative: number): void => {
  assert.ok(
    Math.abs(actual - expected) <= relative * Math.abs(expected) + Number.MIN_VALUE * 4,
    `${actual} is not within ${relative} of ${expected}`,
  );
};
const between = (min: number, max: number): fc.Arbitrary<number> =>
  fc.double({ min, max, noNaN: true });

describe('portable mathematics', () => {
  it('has the logarithm right to 1e-15 over all normal numbers', () => {
    fc.assert(
      fc.property(between(2.3e-308, 1.7e308), (x) => {
        close(ln(x), Math.log(x), 1e-15);
      }),
    );
    assert.equal(ln(1), 0);
  });

  it('has the exponential right to 1e-15 and ends in 0 and Infinity', () => {
    fc.assert(
      fc.property(between(-700, 700), (x) => {
        close(exp(x), Math.exp(x), 1e-15);
      }),
    );
    assert.deepEqual([exp(0), exp(-1000), exp(1000)], [1, 0, Infinity]);
  });

  it('loses nothing near 0', () => {
    fc.assert(
      fc.property(between(-0.9, 5), (x) => {
        close(lnOnePlus(x), Math.log1p(x), 2e-15);
        close(expMinusOne(x), Math.expm1(x), 2e-15);
      }),
    );
  });

  it('has powers right to 1e-13', () => {
    fc.assert(
      fc.property(between(1e-10, 1e10), between(-10, 10), (base, exponent) => {
        close(power(base, exponent), base ** exponent, 1e-13);
      }),
    );
  });

  it('has a sine that is right to 1e-15 all round', () => {
    for (let turns = 0; turns < 1; turns += 1 / 256) {
      const error = sineOfTurn(turns) - Math.sin(2 * Math.PI * turns);
      assert.ok(Math.abs(error) < 1e-15, `at ${turns}: ${error}`);
    }
  });
});
