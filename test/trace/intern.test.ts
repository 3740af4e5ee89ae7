import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { KeyInterner } from '../../src/trace/intern.ts';

describe('KeyInterner', () => {
  it('numbers names as a Map would, in order of first appearance', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 6 }), { maxLength: 300 }), (names) => {
        const interner = new KeyInterner();
        const naive = new Map<string, number>();
        for (const name of names) {
          if (!naive.has(name)) naive.set(name, naive.size);
          const bytes = Buffer.from(`<${name}>`);
          assert.equal(interner.intern(bytes, 1, bytes.length - 1), naive.get(name));
        }
        assert.equal(interner.size, naive.size);
        assert.deepEqual(interner.names(), [...naive.keys()]);
      }),
    );
  });

  it('keeps its ids while it grows', () => {
    const interner = new KeyInterner();
    const name = (i: number): Buffer => Buffer.from(`key:${i}`);
    for (let i = 0; i < 50_000; i++) interner.intern(name(i), 0, name(i).length);
    for (let i = 0; i < 50_000; i += 7) {
      assert.equal(interner.intern(name(i), 0, name(i).length), i);
      assert.equal(interner.nameBytes(i), name(i).length);
    }
    assert.equal(interner.size, 50_000);
  });
});
