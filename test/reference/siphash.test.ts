import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sipHash } from './siphash.ts';

const counting = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => i);

describe('SipHash', () => {
  // SipHash-2-4 of 0, 1, 2 … under the key 0, 1 … 15: appendix A of the paper, and the authors' vectors.
  for (const [length, hash] of [
    [0, '726fdb47dd0e0e31'],
    [1, '74f839c593dc67fd'],
    [7, 'ab0200f58b01d137'],
    [8, '93f5f5799a932462'],
    [15, 'a129ca6149be45e5'],
  ] as const) {
    it(`of ${length} bytes`, () => {
      const { high, low } = sipHash(counting(length), counting(16), 2, 4);
      const hex = [high, low].map((half) => half.toString(16).padStart(8, '0')).join('');
      assert.equal(hex, hash);
    });
  }
});
