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
    const slabs = new Slabs(rounderOf('jemalloc-q16'), pages, Infinity);
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
