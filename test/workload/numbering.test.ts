import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Numbering } from '../../src/workload/numbering.ts';

describe('numbering', () => {
  const numbersAsMapDoes = (idCount: number, ids: readonly number[]): void => {
    const numbering = new Numbering(idCount, ids.length);
    const model = new Map<number, number>();
    for (const id of ids) {
      if (!model.has(id)) model.set(id, model.size);
      assert.equal(numbering.of(id), model.get(id));
    }
    assert.equal(numbering.count, model.size);
  };

  it('numbers few ids in order of first appearance', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(49)), (ids) => {
        numbersAsMapDoes(50, ids);
      }),
    );
  });

  it('numbers ids of a huge key space just so', () => {
    const near = fc.oneof(fc.nat(20), fc.integer({ min: 2 ** 32 - 20, max: 2 ** 32 - 1 }));
    fc.assert(
      fc.property(fc.array(fc.oneof(near, fc.nat(2 ** 32 - 1))), (ids) => {
        numbersAsMapDoes(2 ** 32, ids);
      }),
    );
  });
});
