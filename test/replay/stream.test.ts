import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { UsageError } from '../../src/errors.ts';
import { POLICIES } from '../../src/policies/registry.ts';
import type { Cell, CellResult } from '../../src/replay/cell.ts';
import { DEFAULT_SETTINGS } from '../../src/replay/defaults.ts';
import { parseMaxmemory } from '../../src/replay/maxmemory.ts';
import { plan, type Sweep } from '../../src/replay/plan.ts';
import { engineFor, runCell } from '../../src/replay/replay.ts';
import { FORESEEING_POLICIES, selectPolicies } from '../../src/replay/select-policies.ts';
import { SERVERS } from '../../src/servers/registry.ts';
import { EXPIRE, OPERATIONS, SET, SETKEEP } from '../../src/trace/operations.ts';
import { allocateTrace, type Trace } from '../../src/trace/trace.ts';
import { encodeTtl, NO_TTL } from '../../src/trace/ttl.ts';
import { spooled, withSpool } from '../trace/spooled.ts';

const KEYS = 40;

const anyTrace = fc
  .array(
    fc.record({
      op: fc.oneof(fc.constant(0), fc.constant(0), fc.nat(OPERATIONS.length - 1)),
      key: fc.oneof(fc.nat(KEYS - 1), fc.nat(5)),
      valueBytes: fc.oneof(fc.constant(100), fc.nat(3000)),
      ttlMs: fc.oneof(fc.constant(null), fc.integer({ min: 1, max: 3000 })),
      // Several requests a period of the timer, and now and then a long time without any.
      pauseMs: fc.oneof(fc.constant(0), fc.nat(40), fc.nat(2000)),
    }),
    { minLength: 1, maxLength: 150, size: 'max' },
  )
  .map((rows): Trace => {
    const trace = allocateTrace('t', rows.length, KEYS);
    trace.keyBytes.fill(16);
    let timeMs = 0;
    rows.forEach(({ op, key, valueBytes, ttlMs, pauseMs }, i) => {
      timeMs += pauseMs;
      trace.times[i] = timeMs;
      // Something is stored, or a share of the footprint would be nothing.
      trace.ops[i] = i === 0 ? SET : op;
      trace.keys[i] = key;
      trace.valueBytes[i] = valueBytes;
      const given = op === EXPIRE ? (ttlMs ?? 0) : op === SETKEEP ? null : ttlMs;
      trace.ttls[i] = given === null ? NO_TTL : encodeTtl(given);
    });
    return trace;
  });

const anySweep = fc
  .record({
    server: fc.constantFrom(...SERVERS.map(({ name }) => name)),
    policy: fc.nat(),
    maxmemory: fc.constantFrom('0', '5%', '30%', '90%'),
    seed: fc.nat(1000),
    pipeline: fc.constantFrom(1, 2, 5, 16, 100),
    onMiss: fc.constantFrom('fill', 'none'),
    serverTime: fc.constantFrom('none', 'modelled'),
    warmup: fc.constantFrom(0, 0.1, 0.5, 1),
    timelineIntervalMs: fc.constantFrom(0, 1, 250, 5000),
  })
  .map(({ policy, maxmemory, seed, warmup, timelineIntervalMs, server, ...settings }): Sweep => {
    const profile = SERVERS.find(({ name }) => name === server)!;
    const policies = selectPolicies(['all', 'reference'], profile).filter(
      (name) => !FORESEEING_POLICIES.includes(name),
    );
    return {
      servers: [server],
      allocator: undefined,
      policies: [policies[policy % policies.length]],
      maxmemory: [parseMaxmemory(maxmemory, '')],
      seeds: [seed],
      settings: { ...DEFAULT_SETTINGS, ...settings },
      warmupRows: ({ rows }) => Math.floor(rows * warmup),
      timelineIntervalMs: () => timelineIntervalMs,
    };
  });

/** All of a result that is a function of its cell. */
const figures = (result: CellResult): object => ({ ...result, elapsedMs: 0 });

describe('a replay from disk', () => {
  it('gives what the replay from memory gives, whatever the chunks', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyTrace,
        anySweep,
        fc.oneof(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 8, max: 200 })),
        (trace, sweep, chunkRows) =>
          withSpool(chunkRows, (spool) => {
            const [memory] = plan([trace], sweep);
            const [disk] = plan([spooled(trace, spool)], sweep);
            assert.deepEqual(disk.cell, memory.cell);
            assert.deepEqual(
              figures(runCell(disk.trace, disk.cell)),
              figures(runCell(memory.trace, memory.cell)),
            );
          }),
      ),
      { numRuns: 400 },
    );
  });

  it('is possible under every policy but those said to look ahead', async () => {
    const trace = allocateTrace('t', 3, 3);
    await withSpool(2, (spool) => {
      const disk = spooled(trace, spool);
      const refused = POLICIES.filter(({ name: policy }) => {
        const cell: Cell = {
          ...DEFAULT_SETTINGS,
          workload: 't',
          server: SERVERS[0].name,
          allocator: 'jemalloc-q8',
          policy,
          maxmemoryBytes: 0,
          seed: 1,
          warmupRows: 0,
          timelineIntervalMs: 0,
        };
        try {
          engineFor(disk, cell);
          return false;
        } catch (error) {
          assert.ok(error instanceof UsageError);
          return true;
        }
      });
      assert.deepEqual(
        refused.map(({ name }) => name),
        FORESEEING_POLICIES,
      );
    });
  });
});
