import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { CopyOnWrite } from '../../src/memory/fork.ts';
import { rounderOf } from '../../src/memory/size-classes.ts';
import { Slabs } from '../../src/memory/slabs.ts';
import { SERVERS } from '../../src/servers/registry.ts';

const PAGE = 4096;

/** Pages of one region that all exist. */
function pagesOf(count: number): { pages: CopyOnWrite; region: number } {
  const pages = new CopyOnWrite(PAGE);
  const region = pages.region();
  pages.write(region, 0, count * PAGE, 0);
  return { pages, region };
}

describe('copy-on-write', () => {
  it('copies a page at its first write after the fork, and once', () => {
    const { pages, region } = pagesOf(10);
    pages.write(region, 0, 1, 0);
    pages.fork();
    for (let i = 0; i < 3; i++) pages.write(region, 5000, 8, 0);
    assert.equal(pages.exit(), PAGE);
  });

  it('copies every page that a write reaches into', () => {
    const { pages, region } = pagesOf(10);
    pages.fork();
    pages.write(region, PAGE - 1, 2, 0);
    pages.write(region, 3 * PAGE, 2 * PAGE, 0);
    assert.equal(pages.exit(), 4 * PAGE);
  });

  it('starts from nothing with every child', () => {
    const { pages, region } = pagesOf(10);
    for (let child = 0; child < 3; child++) {
      pages.fork();
      pages.write(region, 0, 1, 0);
      assert.equal(pages.exit(), PAGE);
      pages.write(region, 2 * PAGE, 1, 0);
    }
  });

  it('does not copy what the parent allocates after the fork', () => {
    const { pages, region } = pagesOf(2);
    pages.fork();
    pages.write(region, PAGE, 5 * PAGE, 0);
    assert.equal(pages.exit(), PAGE);
  });

  it('copies 2 MiB where pages are huge', () => {
    const pages = new CopyOnWrite(2 ** 21);
    const region = pages.region();
    pages.write(region, 0, 2 ** 22, 0);
    pages.fork();
    pages.write(region, 77, 1, 0);
    assert.equal(pages.exit(), 2 ** 21);
  });

  it('copies nothing of a value that the child has given back, and less at a time than in all', () => {
    const count = 4096;
    const { pages, region } = pagesOf(count);
    const writeAll = (): void => {
      pages.write(region, 0, count * PAGE, count * PAGE);
    };
    pages.fork();
    writeAll();
    assert.equal(pages.exit(), count * PAGE, 'at once after the fork: all');
    pages.fork();
    pages.progress(0.5);
    writeAll();
    const half = pages.exit() / PAGE;
    assert.ok(Math.abs(half - count / 2) < 4 * Math.sqrt(count / 4), `${half} of ${count}`);
  });

  it('is never more than all pages, nor than the pages of all writes', () => {
    const writes = fc.array(
      fc.record({
        from: fc.nat(99 * PAGE),
        bytes: fc.integer({ min: 1, max: PAGE }),
        progress: fc.double({ min: 0, max: 1, noNaN: true }),
        isReleased: fc.boolean(),
      }),
    );
    fc.assert(
      fc.property(writes, (list) => {
        const { pages, region } = pagesOf(100);
        pages.fork();
        const touched = new Set<number>();
        for (const { from, bytes, progress, isReleased } of list) {
          pages.write(region, from, bytes, isReleased ? from + bytes : from);
          pages.progress(progress);
          for (let page = Math.floor(from / PAGE); page * PAGE < from + bytes; page++) {
            touched.add(page);
          }
        }
        assert.ok(pages.exit() <= touched.size * PAGE);
      }),
    );
  });
});

describe('slabs', () => {
  it('put blocks of a class side by side and hand the last freed one out first', () => {
    const pages = new CopyOnWrite(PAGE);
    const slabs = new Slabs(rounderOf('jemalloc-q16'), pages, 'keeps');
    const slots = Array.from({ length: 200 }, () => slabs.allocate(100));
    assert.deepEqual(
      slots,
      Array.from({ length: 200 }, (_, i) => i),
    );
    slabs.free(7, 100);
    slabs.free(3, 100);
    assert.equal(slabs.allocate(112), 3);
    assert.equal(slabs.allocate(97), 7);
    // 112-byte slots: 36 and a bit to a page.
    pages.fork();
    for (let slot = 0; slot < 36; slot++) slabs.write(slot, 100, 100);
    assert.equal(pages.exit(), PAGE);
    pages.fork();
    slabs.write(36, 100, 100);
    assert.equal(pages.exit(), 2 * PAGE);
  });
});

describe('a child that frees the strings it has saved', () => {
  const LIFE_MS = 1e9;
  /** Pages copied by writes to all of `count` blocks of `bytes` after a share of a child's life. */
  function pagesAt(
    share: number,
    bytes: number,
    { count = 4000, lifeMs = LIFE_MS, compressedShare = 0 } = {},
  ): { pages: number; own: number } {
    const pages = new CopyOnWrite(PAGE);
    const slabs = new Slabs(rounderOf('jemalloc-q16'), pages, 'frees');
    const slots = Array.from({ length: count }, () => slabs.allocate(bytes));
    pages.fork(lifeMs);
    slabs.fork(compressedShare);
    pages.progress(share);
    for (const slot of slots) slabs.write(slot, bytes, bytes);
    const bytesCopied = pages.exit();
    return { pages: (bytesCopied - pages.ownBytes) / PAGE, own: pages.ownBytes / PAGE };
  }
  const near = (actual: number, expected: number): void => {
    assert.ok(Math.abs(actual / expected - 1) < 0.06, `${actual}, expected about ${expected}`);
  };

  it('gives a slab back when the last of its blocks is free', () => {
    // Slabs of one page with four blocks, two blocks in five pages, one block in eleven pages.
    near(pagesAt(0.5, 1000).pages, 1000 * (1 - 0.5 ** 4));
    near(pagesAt(0.5, 10_000).pages, 10_000 * (1 - 0.5 ** 2));
    near(pagesAt(0.5, 40_000, { count: 2000 }).pages, 2000 * 10.76 * 0.5);
    // 256 blocks of 112 bytes in seven pages: never before the end.
    near(pagesAt(0.9, 100).pages, (4000 * 112) / PAGE);
  });

  it('gives it back a while later, which is nothing in a long life and all of a short one', () => {
    const inLife = (lifeMs: number): number => pagesAt(0.75, 10_000, { lifeMs }).pages;
    assert.ok(inLife(100_000) < inLife(10_000));
    assert.ok(inLife(10_000) < inLife(3000));
    assert.equal(inLife(2000), 10_000);
    assert.ok(inLife(1e6) < 10_000 * (1 - 0.7 ** 2));
  });

  it('compresses long strings into what it has freed, which copies as much as compression leaves', () => {
    const ownAlone = (bytes: number, compressedShare: number): number => {
      const pages = new CopyOnWrite(PAGE);
      const slabs = new Slabs(rounderOf('jemalloc-q16'), pages, 'frees');
      for (let i = 0; i < 1000; i++) slabs.allocate(bytes);
      pages.fork(1);
      slabs.fork(compressedShare);
      pages.progress(1);
      const bytesAlone = pages.exit();
      assert.equal(pages.ownBytes, bytesAlone);
      return bytesAlone / PAGE;
    };
    // One record for two blocks.
    const records = Math.ceil((500 * 128) / PAGE);
    assert.equal(ownAlone(10_000, 0), records);
    assert.equal(ownAlone(10_000, 1), 2500 + records);
    near(ownAlone(10_000, 0.02), 1000 * (1 + 203 / PAGE) + records);
    // Short ones have a buffer of their own, very long ones are not in the thread's cache.
    assert.ok(ownAlone(8000, 1) < 40 && ownAlone(40_000, 1) < 40);
  });

  it('writes no page twice', () => {
    const { pages, own } = pagesAt(0.5, 10_000, { lifeMs: 1, compressedShare: 1 });
    const records = Math.ceil((2000 * 128) / PAGE);
    assert.ok(own > 2000 && own < 8000, String(own));
    assert.ok(pages + own >= 10_000 && pages + own <= 10_000 + records);
  });
});

describe('blocks of a key', () => {
  it('cost what the key costs, on every server', () => {
    const key = fc.record({
      profile: fc.constantFrom(...SERVERS),
      keyLength: fc.integer({ min: 1, max: 400 }),
      valueLength: fc.integer({ min: 0, max: 100_000 }),
      kind: fc.constantFrom('string' as const, 'integer' as const),
      hasSlot: fc.boolean(),
    });
    fc.assert(
      fc.property(key, ({ profile, keyLength, valueLength, kind, hasSlot }) => {
        const round = rounderOf('jemalloc-q16');
        const layout = profile.stringLayout(round);
        const length = kind === 'integer' ? 0 : valueLength;
        const { lasting, replaced } = layout.entryBlocks(keyLength, length, kind, hasSlot);
        const sum = [...lasting, ...replaced].reduce((bytes, block) => bytes + round(block), 0);
        assert.equal(sum, layout.entryBytes(keyLength, length, kind, hasSlot));
      }),
      { numRuns: 1000 },
    );
  });
});
