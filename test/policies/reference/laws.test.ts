import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { POLICIES } from '../../../src/policies/registry.ts';
import { Random } from '../../../src/random.ts';
import type { Cell, CellResult } from '../../../src/replay/cell.ts';
import { DEFAULT_SETTINGS } from '../../../src/replay/defaults.ts';
import { runCell } from '../../../src/replay/replay.ts';
import { redis70 } from '../../../src/servers/redis-7.0.ts';
import { DEL, GET, SET } from '../../../src/trace/operations.ts';
import { allocateTrace, type Trace } from '../../../src/trace/trace.ts';
import { NO_TTL } from '../../../src/trace/ttl.ts';

const KEY_BYTES = 16;
const VALUE_BYTES = 1000;
const BASE_BYTES =
  redis70.startupMemoryBytes('jemalloc-q8') + redis70.idleClientBytes('jemalloc-q8');

/** One request at a time, and a server whose work takes no time: only order is left to decide hits. */
function run(trace: Trace, policy: string, maxmemoryBytes: number): CellResult {
  const cell: Cell = {
    workload: trace.name,
    server: 'redis-7.0',
    allocator: 'jemalloc-q8',
    policy,
    maxmemoryBytes,
    ...DEFAULT_SETTINGS,
    seed: 1,
    warmupRows: 0,
    timelineIntervalMs: 0,
    pipeline: 1,
    serverTime: 'none',
  };
  return runCell(trace, cell);
}

/** A trace of keys of equal size, one row per millisecond. */
function traceOf(rows: readonly { id: number; op: number }[], keyCount: number): Trace {
  const trace = allocateTrace('test', rows.length, keyCount);
  trace.keyBytes.fill(KEY_BYTES);
  trace.valueBytes.fill(VALUE_BYTES);
  trace.ttls.fill(NO_TTL);
  rows.forEach(({ id, op }, row) => {
    trace.times[row] = row;
    trace.ops[row] = op;
    trace.keys[row] = id;
  });
  return trace;
}

/** Seeded requests of skewed popularity: 2 % deletes, 5 % plain writes, look-aside reads otherwise. */
function requests(rows: number, keyCount: number, skew: number, seed: number) {
  const random = new Random(seed, 'test');
  return Array.from({ length: rows }, () => {
    const id = Math.floor(keyCount * random.float() ** skew);
    const dice = random.float();
    return { id, op: dice < 0.02 ? DEL : dice < 0.07 ? SET : GET };
  });
}

/** What one key of {@link traceOf} costs, tables aside: four buckets serve one key as well as two. */
function entryBytes(): number {
  const used = (keys: number): number => {
    const rows = Array.from({ length: keys }, (_, id) => ({ id, op: SET }));
    return run(traceOf(rows, keys), 'noeviction', 0).usedMemoryBytes;
  };
  return used(2) - used(1);
}

const TABLE_BYTES = 1024;

/**
 * `maxmemory` with room for that many keys. A table of 128 buckets stays as it is from 65 to 128 keys, so with 80 to
 * 120 of them every policy has the same room for data, and more memory is always more room.
 */
const limitFor = (keys: number): number => BASE_BYTES + TABLE_BYTES + keys * ENTRY_BYTES;

const ENTRY_BYTES = entryBytes();

const scenario = fc.record({
  rows: fc.integer({ min: 500, max: 3000 }),
  keyCount: fc.integer({ min: 130, max: 400 }),
  skew: fc.double({ min: 1, max: 5, noNaN: true }),
  seed: fc.nat(),
});

/** The first index whose value exceeds `point`, in a rising array. */
function firstAbove(values: Float64Array, point: number): number {
  let low = 0;
  let high = values.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values[middle] > point) high = middle;
    else low = middle + 1;
  }
  return low;
}

describe('reference policies in the engine', () => {
  it('nothing beats belady (equal sizes, no TTL)', () => {
    const rivals = POLICIES.filter(({ name, volatileOnly }) => {
      // Those that never evict keys without a TTL refuse writes instead, which is another game.
      return name !== 'belady' && name !== 'noeviction' && !volatileOnly;
    });
    fc.assert(
      fc.property(scenario, fc.integer({ min: 80, max: 120 }), (s, keys) => {
        const trace = traceOf(requests(s.rows, s.keyCount, s.skew, s.seed), s.keyCount);
        const best = run(trace, 'belady', limitFor(keys));
        for (const { name } of rivals) {
          const { hits } = run(trace, name, limitFor(keys));
          assert.ok(hits <= best.hits, `${name} has ${hits} hits, belady ${best.hits}`);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('exact LRU hits never fall as memory grows (equal sizes)', () => {
    fc.assert(
      fc.property(scenario, (s) => {
        const trace = traceOf(requests(s.rows, s.keyCount, s.skew, s.seed), s.keyCount);
        let before = 0;
        for (let keys = 80; keys <= 120; keys += 5) {
          const { hits } = run(trace, 'lru', limitFor(keys));
          assert.ok(hits >= before, `${hits} hits in room for ${keys}, ${before} in less`);
          before = hits;
        }
      }),
      { numRuns: 40 },
    );
  });

  it('on Zipf(1.0), belady > s3-fifo, w-tinylfu, sieve > lru > fifo, as in the literature', () => {
    const keyCount = 20_000;
    const cumulative = new Float64Array(keyCount);
    let total = 0;
    for (let id = 0; id < keyCount; id++) cumulative[id] = total += 1 / (id + 1);
    const random = new Random(1, 'zipf');
    const rows = Array.from({ length: 200_000 }, () => {
      const point = random.float() * total;
      return { id: firstAbove(cumulative, point), op: GET };
    });
    const trace = traceOf(rows, keyCount);
    const hitRatio = (policy: string): number =>
      run(trace, policy, limitFor(2000)).hits / trace.rows;
    const [fifo, lru] = [hitRatio('fifo'), hitRatio('lru')];
    assert.ok(lru > fifo + 0.02, `lru ${lru}, fifo ${fifo}`);
    const best = hitRatio('belady');
    for (const policy of ['s3-fifo', 'w-tinylfu', 'sieve']) {
      const ratio = hitRatio(policy);
      assert.ok(ratio > lru + 0.02, `${policy} ${ratio}, lru ${lru}`);
      assert.ok(best > ratio + 0.03, `belady ${best}, ${policy} ${ratio}`);
    }
  });
});
