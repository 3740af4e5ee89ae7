import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Permutation } from '../../src/workload/permutation.ts';

describe('scattering permutation', () => {
  it('is a bijection for every count and seed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3000 }), fc.nat(), (count, seed) => {
        const permutation = new Permutation(count, seed, 'test');
        const images = new Set<number>();
        for (let i = 0; i < count; i++) images.add(permutation.at(i));
        assert.equal(images.size, count);
        for (const image of images) assert.ok(image >= 0 && image < count);
      }),
    );
  });

  it('stays in range up to 2^32 keys', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2 ** 31 - 5, max: 2 ** 32 }),
        fc.nat(2 ** 31 - 6),
        (count, index) => {
          const image = new Permutation(count, 1, 'test').at(index);
          assert.ok(Number.isInteger(image) && image >= 0 && image < count);
        },
      ),
    );
  });

  it('spreads the first thousandth of the keys over the whole space', () => {
    const count = 1_000_000;
    const permutation = new Permutation(count, 1, 'test');
    const tenths = new Uint32Array(10);
    for (let i = 0; i < count / 1000; i++) tenths[Math.floor((permutation.at(i) * 10) / count)]++;
    // 1,000 keys in 10 cells: 100 ± 9.5; five deviations allowed.
    for (const inTenth of tenths) assert.ok(Math.abs(inTenth - 100) < 48, tenths.join(' '));
  });

  it('differs from seed to seed', () => {
    const first = new Permutation(1000, 1, 'test');
    const second = new Permutation(1000, 2, 'test');
    let same = 0;
    for (let i = 0; i < 1000; i++) if (first.at(i) === second.at(i)) same++;
    assert.ok(same < 20, `${same} of 1000 images are the same`);
  });
});
