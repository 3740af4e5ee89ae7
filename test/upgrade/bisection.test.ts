import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Bisection, type Tried } from '../../src/upgrade/bisection.ts';

/** Runs a search to its end; how many tries it took. */
function search(bisection: Bisection, tried: (value: number) => Tried): number {
  let tries = 0;
  for (let value = bisection.next; value !== undefined; value = bisection.next) {
    bisection.tell(tried(value));
    if (++tries > 200) throw new Error('no end');
  }
  return tries;
}

describe('a search by bisection', () => {
  it('ends with the goal between two tries, close together', () => {
    const below = fc.integer({ min: 1, max: 2 ** 40 });
    fc.assert(
      fc.property(fc.nat(1e6), below, below, (floor, start, goal) => {
        const bisection = new Bisection(floor + start, floor, 0.002);
        const seen: number[] = [];
        search(bisection, (value) => {
          seen.push(value);
          return value >= floor + goal ? 'reached' : 'short';
        });
        const { low, high } = bisection;
        assert.ok(high !== undefined && low < floor + goal && floor + goal <= high);
        assert.ok(high - low <= Math.max(1, 0.002 * high), `${low} … ${high}`);
        assert.ok(seen.every((value) => value > floor));
        assert.equal(new Set(seen).size, seen.length, 'nothing twice');
      }),
    );
  });

  it('takes about a dozen tries when the goal is a quarter away', () => {
    for (const goal of [750_000, 1_250_000]) {
      const tries = search(new Bisection(1_000_000, 0, 0.002), (v) =>
        v >= goal ? 'reached' : 'short',
      );
      assert.ok(tries <= 13, String(tries));
    }
  });

  it('gives up when more never helps', () => {
    const bisection = new Bisection(100, 10, 0.002);
    const seen: number[] = [];
    search(bisection, (value) => {
      seen.push(value);
      return value > 500 ? 'hopeless' : 'short';
    });
    assert.equal(bisection.high, undefined);
    assert.equal(bisection.low, seen.at(-1));
  });

  it('goes on below a number that reached, hopeless or not', () => {
    const bisection = new Bisection(100, 0, 0.002);
    search(bisection, (value) => (value === 100 || value > 96 ? 'reached' : 'hopeless'));
    assert.deepEqual([bisection.low, bisection.high], [96, 97]);
  });
});
