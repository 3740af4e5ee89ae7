import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Cell } from '../../src/replay/cell.ts';
import { runCell } from '../../src/replay/replay.ts';
import { mortalityOf } from '../../src/sizing/mortality.ts';
import type { RefusedCounts } from '../../src/sizing/lane-counts.ts';
import { RefusingServers } from '../../src/sizing/refusing-servers.ts';
import { INCR, OPERATIONS } from '../../src/trace/operations.ts';
import { allocateTrace, type Trace } from '../../src/trace/trace.ts';
import { encodeTtl, NO_TTL } from '../../src/trace/ttl.ts';
import { generate } from '../../src/workload/generate.ts';
import { loadWorkload } from '../../src/workload/load.ts';
import { CELL } from './points.ts';

const KEYS = 12;

/** Every operation but INCR, values of all sizes, TTLs that end within the trace and some that do not. */
const traces = fc
  .array(
    fc.record({
      op: fc.constantFrom(...OPERATIONS.keys()).filter((op) => op !== INCR),
      key: fc.integer({ min: 0, max: KEYS - 1 }),
      gap: fc.integer({ min: 0, max: 400 }),
      bytes: fc.integer({ min: 1, max: 4000 }),
      ttlMs: fc.option(fc.integer({ min: 1, max: 20_000 }), { freq: 2 }),
    }),
    { maxLength: 300 },
  )
  .map((rows): Trace => {
    const trace = allocateTrace('t', rows.length, KEYS);
    trace.keyBytes.fill(10);
    let time = 0;
    for (const [row, { op, key, gap, bytes, ttlMs }] of rows.entries()) {
      trace.times[row] = time += gap;
      trace.ops[row] = op;
      trace.keys[row] = key;
      trace.valueBytes[row] = bytes;
      trace.ttls[row] = ttlMs === null ? NO_TTL : encodeTtl(ttlMs);
    }
    return trace;
  });

function refused(
  trace: Trace,
  cells: readonly Cell[],
  { warmupRows = 0, leavesOutMortals = false } = {},
): RefusedCounts[] {
  const mortality = mortalityOf(trace);
  return new RefusingServers(trace, cells, { warmupRows, mortality, leavesOutMortals }).run();
}

const SERVERS = ['redis-7.2', 'redis-8.6', 'valkey-9.1'];

describe('RefusingServers', () => {
  it('are as many servers as there are limits: side by side each counts what it counts alone', () => {
    fc.assert(
      fc.property(traces, fc.constantFrom(...SERVERS), (trace, server) => {
        const { emptyMemoryBytes, peakMemoryBytes } = runCell(trace, { ...CELL, server });
        const cells = [0, 0.2, 0.5, 0.8, 1.2].map((share) => ({
          ...CELL,
          server,
          policy: 'noeviction',
          maxmemoryBytes: Math.round(
            emptyMemoryBytes + share * (peakMemoryBytes - emptyMemoryBytes) + 1,
          ),
        }));
        const together = refused(trace, cells);
        assert.deepEqual(
          together,
          cells.flatMap((cell) => refused(trace, [cell])),
        );
      }),
    );
  });

  it('miss what the engine misses where everything fits, whatever the operations and TTLs', () => {
    fc.assert(
      fc.property(traces, fc.constantFrom(...SERVERS), (trace, server) => {
        const cell = { ...CELL, server, policy: 'noeviction', maxmemoryBytes: 2 ** 30 };
        const { misses, hitBytes, lookupBytes } = runCell(trace, cell);
        const [{ counts, undecided }] = refused(trace, [cell]);
        assert.equal(counts.misses, misses);
        assert.equal(counts.missBytes, lookupBytes - hitBytes);
        assert.equal(counts.oomErrors, 0);
        assert.equal(undecided, 0);
      }),
    );
  });

  // Points of hit ratio; with TTLs, one whole run differs from one of another seed by half a point.
  for (const { workload, server, points } of [
    { workload: 'zipf-0.99', server: 'redis-7.2', points: 0.2 },
    { workload: 'ycsb-a', server: 'redis-8.6', points: 0.2 },
    { workload: 'uniform', server: 'valkey-9.1', points: 0.2 },
    { workload: 'flash-crowd', server: 'redis-8.6', points: 0.5 },
    { workload: 'mixed-ttl', server: 'redis-8.6', points: 1 },
    { workload: 'session-store', server: 'redis-7.2', points: 1 },
  ]) {
    it(`count what a replay of ${workload} under noeviction on ${server} counts`, async () => {
      const trace = generate(await loadWorkload(workload, { requests: 60_000 }));
      const warmupRows = 20_000;
      const cell = { ...CELL, server, policy: 'noeviction', pipeline: 16, warmupRows };
      const { peakMemoryBytes, emptyMemoryBytes } = runCell(trace, cell);
      const cells = [0.1, 0.4, 0.8].map((share) => ({
        ...cell,
        maxmemoryBytes: Math.round(emptyMemoryBytes + share * (peakMemoryBytes - emptyMemoryBytes)),
      }));
      const found = refused(trace, cells, { warmupRows });
      for (const [i, { counts }] of found.entries()) {
        const truth = runCell(trace, cells[i]);
        const lookups = truth.hits + truth.misses;
        const off = `${counts.misses} misses, truly ${truth.misses} of ${lookups}`;
        assert.ok(Math.abs(counts.misses - truth.misses) < (points / 100) * lookups, off);
        assert.ok(truth.oomErrors > 0 && counts.oomErrors > 0);
        assert.ok(Math.abs(counts.oomErrors - truth.oomErrors) < 0.02 * trace.rows);
      }
    });
  }

  it('know what volatile policies keep when keys without a TTL take all there is', async () => {
    const trace = generate(await loadWorkload('mixed-ttl', { requests: 100_000 }));
    const warmupRows = 50_000;
    const cell = { ...CELL, server: 'redis-8.6', pipeline: 16, warmupRows };
    const { peakMemoryBytes, emptyMemoryBytes } = runCell(trace, cell);
    const maxmemoryBytes = Math.round(
      emptyMemoryBytes + 0.1 * (peakMemoryBytes - emptyMemoryBytes),
    );
    const [{ counts, undecided }] = refused(trace, [{ ...cell, maxmemoryBytes }], {
      warmupRows,
      leavesOutMortals: true,
    });
    assert.ok(undecided < 0.005 * trace.rows, String(undecided));
    for (const policy of ['volatile-lru', 'volatile-lfu', 'volatile-random', 'volatile-ttl']) {
      const truth = runCell(trace, { ...cell, policy, maxmemoryBytes });
      const lookups = truth.hits + truth.misses;
      const off = `${policy}: ${counts.misses} misses, truly ${truth.misses} of ${lookups}`;
      assert.ok(Math.abs(counts.misses - truth.misses) < 0.005 * lookups, off);
    }
  });
});
