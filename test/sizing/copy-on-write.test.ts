import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Random } from '../../src/random.ts';
import type { Cell } from '../../src/replay/cell.ts';
import { DEFAULT_SETTINGS } from '../../src/replay/defaults.ts';
import {
  copiedPages,
  fullServer,
  HUGE_PAGE_BYTES,
  SMALL_PAGE_BYTES,
  snapshotCosts,
} from '../../src/sizing/copy-on-write.ts';
import { traceHeadroom } from '../../src/sizing/trace-headroom.ts';
import { DEL, EXPIRE, GET, INCR, PERSIST, SET, SETKEEP } from '../../src/trace/operations.ts';
import { allocateTrace, type Trace } from '../../src/trace/trace.ts';
import { encodeTtl, NO_TTL } from '../../src/trace/ttl.ts';

type Row = readonly [op: number, key: number, valueBytes?: number, ttlMs?: number | undefined];

/** A request each millisecond. */
function traceOf(keys: number, rows: readonly Row[]): Trace {
  const trace = allocateTrace('rows', rows.length, keys);
  trace.keyBytes.fill(16);
  for (const [row, [op, key, valueBytes = 100, ttlMs]] of rows.entries()) {
    trace.times[row] = row;
    trace.ops[row] = op;
    trace.keys[row] = key;
    trace.valueBytes[row] = valueBytes;
    trace.ttls[row] = ttlMs === undefined ? NO_TTL : encodeTtl(ttlMs);
  }
  return trace;
}

const load = (keys: number, valueBytes = 100, ttlMs?: number): Row[] =>
  Array.from({ length: keys }, (_, key): Row => [SET, key, valueBytes, ttlMs]);

const CELL: Cell = {
  ...DEFAULT_SETTINGS,
  workload: 'rows',
  server: 'redis-7.0',
  allocator: 'jemalloc-q16',
  policy: 'allkeys-lru',
  maxmemoryBytes: 0,
  seed: 1,
  warmupRows: 0,
  timelineIntervalMs: 0,
};

/** Pages copied by `rows` after `before` have run, those that the child writes itself left out. */
function pagesOf(before: readonly Row[], rows: readonly Row[], cell: Partial<Cell> = {}): number {
  const keys = Math.max(...[...before, ...rows].map(([, key]) => key)) + 1;
  const trace = traceOf(keys, [...before, ...rows]);
  const child = { from: before.length, to: trace.rows };
  const [{ bytes, ownBytes }] = copiedPages(trace, { ...CELL, ...cell }, [child], SMALL_PAGE_BYTES);
  return (bytes - ownBytes) / SMALL_PAGE_BYTES;
}

describe('pages copied in a replay', () => {
  const before = load(20_000);

  it('are none for reads: access times stand still while a child lives', () => {
    assert.equal(
      pagesOf(
        before,
        Array.from({ length: 5000 }, (_, key): Row => [GET, key]),
      ),
      0,
    );
  });

  it('are those of entry, object and string for one overwrite', () => {
    // The first value goes to the end of its class, the second to where the first one was.
    assert.equal(pagesOf(before, [[SET, 7]]), 3);
    assert.equal(
      pagesOf(before, [
        [SET, 7],
        [SET, 8],
      ]),
      5,
    );
    assert.equal(
      pagesOf(before, [
        [SET, 7],
        [SET, 19_000],
      ]),
      6,
    );
  });

  it('are those of block and string where a block takes the new string over, and of the word that leads to it where not', () => {
    // Up to 44 bytes come embedded in Redis 8.6 and Valkey 8.1, up to 116 in Valkey 9.1.
    const pages = (server: string, valueBytes: number): number =>
      pagesOf([...load(20_000, valueBytes), [SET, 9, valueBytes]], [[SET, 7, valueBytes]], {
        server,
      });
    for (const server of ['redis-8.6', 'valkey-8.1']) {
      assert.equal(pages(server, 100), 2, server);
      assert.equal(pages(server, 20), 2, server);
    }
    // New block and new string where the last ones freed were.
    assert.equal(pages('valkey-9.1', 100), 3);
    assert.equal(pages('valkey-9.1', 120), 2);
    assert.equal(pages('valkey-9.1', 20), 2);
  });

  it('are those of both tables when a key with a TTL moves', () => {
    const pages = (server: string, valueBytes: number): number => {
      const set = (key: number): Row => [SET, key, valueBytes, 3_600_000];
      return pagesOf([...load(20_000, valueBytes, 3_600_000), set(9)], [set(7)], { server });
    };
    assert.equal(pages('valkey-9.1', 100), 4);
    assert.equal(pages('valkey-9.1', 120), 2);
    // With its TTL, a value of 20 bytes no longer fits into the block.
    assert.equal(pages('valkey-8.1', 20), 4);
    assert.equal(pages('valkey-8.1', 10), 3);
  });

  it('are none of the value when a TTL comes, changes or goes', () => {
    const withTtl = load(20_000, 100, 3_600_000);
    // Entry of the TTL; with a new one, its word as well; block of the key.
    assert.equal(pagesOf(withTtl, [[EXPIRE, 7, 0, 1000]]), 1);
    assert.equal(pagesOf(withTtl, [[EXPIRE, 7, 0, 1000]], { server: 'valkey-9.1' }), 1);
    assert.equal(pagesOf(before, [[PERSIST, 7]]), 0);
    assert.equal(pagesOf(withTtl, [[PERSIST, 7]], { server: 'valkey-9.1' }), 2);
    // The slot stays: the next TTL is written into it.
    const persisted: Row[] = [...withTtl, [PERSIST, 7]];
    assert.equal(pagesOf(persisted, [[EXPIRE, 7, 0, 1000]], { server: 'valkey-9.1' }), 2);
  });

  it('are those of candidates as well where scoring one writes its access time', () => {
    const keys = 40_000;
    const rows = Array.from({ length: 100 }, (_, i): Row => [SET, keys + i, 200]);
    const pages = (server: string, policy = 'allkeys-lru'): number =>
      pagesOf(load(keys, 200), rows, { server, policy, maxmemoryBytes: 9 * 2 ** 20 });
    // Five candidates per victim.
    assert.ok(pages('valkey-9.1') > pages('valkey-8.1') + 150);
    assert.ok(pages('valkey-9.1', 'allkeys-random') < pages('valkey-8.1', 'allkeys-random') + 50);
  });

  it('are as many as random draws hit, for random overwrites', () => {
    const keys = 20_000;
    const writes = 500;
    const random = new Random(3, 'test');
    const rows = Array.from({ length: writes }, (): Row => [SET, random.below(keys)]);
    // Slots of 16 and 112 bytes; entries of 32 share their class with names of 16 characters.
    const regions = [keys * 16, keys * 112, keys * 64].map((bytes) => bytes / SMALL_PAGE_BYTES);
    const straddling = 1 + (105 - 1) / SMALL_PAGE_BYTES;
    const hits = [writes, writes * straddling, writes];
    const expected = regions
      .map((pages, i) => pages * (1 - Math.exp(-hits[i] / pages)))
      .reduce((a, b) => a + b, 0);
    const pages = pagesOf(before, rows);
    assert.ok(Math.abs(pages / expected - 1) < 0.05, `${pages}, expected about ${expected}`);
  });

  it('are fewer for the same writes to fewer keys', () => {
    const random = new Random(3, 'test');
    const wide = Array.from({ length: 1000 }, (): Row => [SET, random.below(20_000)]);
    const narrow = Array.from({ length: 1000 }, (): Row => [SET, random.below(200)]);
    assert.ok(pagesOf(before, narrow) * 5 < pagesOf(before, wide));
  });

  it('come with deleting, expiring, counting and TTLs as well', () => {
    const withTtl = load(20_000, 100, 3_600_000);
    const cases: [string, readonly Row[], Row][] = [
      ['del', before, [DEL, 5]],
      ['expire', before, [EXPIRE, 5, 0, 1000]],
      ['persist', withTtl, [PERSIST, 5]],
      ['incr', before, [INCR, 5]],
      ['setkeep', withTtl, [SETKEEP, 5]],
      ['set over a TTL', withTtl, [SET, 5]],
    ];
    for (const [name, first, row] of cases) {
      const pages = pagesOf(first, [row]);
      assert.ok(pages >= 1 && pages <= 8, `${name}: ${pages}`);
    }
  });

  it('are those of victims at the limit, whose blocks newcomers take', () => {
    const keys = 40_000;
    const cell = { maxmemoryBytes: 5 * 2 ** 20 };
    const rows = Array.from({ length: 300 }, (_, i): Row => [SET, keys + i]);
    const pages = pagesOf(load(keys), rows, cell);
    // A victim and a newcomer: entry, name, object, string, two words of the table.
    assert.ok(pages > 300 && pages < 6 * 300, String(pages));
  });

  it('work out on every kind of server', () => {
    for (const server of ['redis-5.0', 'valkey-8.0', 'valkey-8.1', 'valkey-9.1', 'redis-8.6']) {
      const first = load(5000, 100, 3_600_000);
      const rows: Row[] = Array.from({ length: 200 }, (_, i) => [SET, i * 25, 20 + (i % 200)]);
      const pages = pagesOf(first, [...rows, [DEL, 1], [PERSIST, 2], [EXPIRE, 3, 0, 9000]], {
        server,
      });
      assert.ok(pages > 50 && pages < 1000, `${server}: ${pages}`);
    }
  });

  it('are fewer where a child gives large values back', () => {
    const first = load(2000, 10_000);
    const random = new Random(3, 'test');
    const rows = Array.from({ length: 2000 }, (): Row => [SET, random.below(2000), 10_000]);
    assert.ok(pagesOf(first, rows) < 0.5 * pagesOf(first, rows, { server: 'redis-6.2' }));
  });

  it('are the whole data with huge pages', () => {
    const random = new Random(3, 'test');
    const rows = Array.from({ length: 200 }, (): Row => [SET, random.below(20_000)]);
    const trace = traceOf(20_000, [...before, ...rows]);
    const child = { from: before.length, to: trace.rows };
    const [small] = copiedPages(trace, CELL, [child], SMALL_PAGE_BYTES);
    const [huge] = copiedPages(trace, CELL, [child], HUGE_PAGE_BYTES);
    assert.ok(huge.bytes > 3 * small.bytes);
  });
});

describe('what saves cost', () => {
  const random = new Random(5, 'test');
  const rows = [
    ...load(10_000),
    ...Array.from({ length: 20_000 }, (): Row => [SET, random.below(10_000)]),
  ];
  const trace = traceOf(10_000, rows);
  const full = fullServer(trace, CELL);

  it('is counted from when the server is full', () => {
    assert.equal(full.keys, 10_000);
    assert.ok(full.fullRow >= 9500 && full.fullRow <= 10_500, String(full.fullRow));
  });

  it('is that of one child after the other', () => {
    const bytesPerSecond = full.dataBytes;
    const costs = snapshotCosts(trace, CELL, full, { bytesPerSecond });
    assert.equal(costs.lifeMs, 1000);
    assert.ok(costs.children >= 18 && costs.children <= 20, String(costs.children));
    assert.equal(costs.coverage, 1);
    assert.ok(costs.typicalBytes > 0 && costs.typicalBytes <= costs.worstBytes);
    assert.ok(costs.storedValues >= 1000 && costs.storedValues <= 1016);
  });

  it('grows with the time a save takes, up to the data', () => {
    const worst = [0.1, 0.4, 1.6].map(
      (seconds) =>
        snapshotCosts(trace, CELL, full, { bytesPerSecond: full.dataBytes / seconds }).worstBytes,
    );
    assert.ok(worst[0] < worst[1] && worst[1] < worst[2] && worst[2] <= full.dataBytes);
  });

  it('is put in proportion where the trace is too short, and never above the data', () => {
    const seconds = 100;
    const costs = snapshotCosts(trace, CELL, full, { bytesPerSecond: full.dataBytes / seconds });
    assert.equal(costs.children, 1);
    assert.ok(costs.coverage > 0.18 && costs.coverage < 0.21, String(costs.coverage));
    assert.ok(costs.worstBytes <= full.dataBytes);
  });

  it('is a part of the RAM to provide, unless nothing is saved', () => {
    const cell = { ...CELL, maxmemoryBytes: 4 * 2 ** 20 };
    const saving = traceHeadroom(trace, cell, { snapshotBytesPerSecond: 1e6 });
    const names = saving.headroom.parts.map(({ name }) => name);
    assert.deepEqual(names, ['maxmemory', 'fragmentation', 'process', 'copy-on-write', 'child']);
    const part = saving.headroom.parts.find(({ name }) => name === 'copy-on-write');
    assert.equal(part?.bytes, saving.snapshot?.worstBytes);
    const never = traceHeadroom(trace, cell, { forks: false });
    assert.equal(never.snapshot, undefined);
    assert.ok(never.headroom.totalBytes < saving.headroom.totalBytes);
  });

  it('includes what an append-only file waits with, where that waits in memory', () => {
    const rewriteOf = (server: string): number => {
      const { headroom } = traceHeadroom(
        trace,
        { ...CELL, server },
        { appendOnly: true, snapshotBytesPerSecond: 1e6 },
      );
      return headroom.parts.find(({ name }) => name === 'append-only file')?.bytes ?? 0;
    };
    assert.ok(rewriteOf('redis-6.2') > 100_000);
    assert.equal(rewriteOf('redis-7.0'), 0);
  });
});
