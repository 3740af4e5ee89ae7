import { describe, it } from 'node:test';
import fc from 'fast-check';
import { POLICIES } from '../../../src/policies/registry.ts';
import type { Cell } from '../../../src/replay/cell.ts';
import { engineFor } from '../../../src/replay/replay.ts';
import { Replay } from '../../../src/replay/batch.ts';
import { redis70 } from '../../../src/servers/redis-7.0.ts';
import { OPERATIONS } from '../../../src/trace/operations.ts';
import { allocateTrace } from '../../../src/trace/trace.ts';
import { NO_TTL } from '../../../src/trace/ttl.ts';

const KEYS = 40;
const ROOM_BYTES = 20_000;

const anyRow = fc.record({
  waitMs: fc.nat(40),
  op: fc.nat(OPERATIONS.length - 1),
  id: fc.nat(KEYS - 1),
  bytes: fc.nat(2000),
  ttlMs: fc.option(fc.nat(400), { nil: NO_TTL }),
});

describe('reference policies in the engine, under every operation, TTLs and unequal sizes', () => {
  for (const { name } of POLICIES.filter(({ family }) => family === 'reference')) {
    it(`${name} names the resident keys and their bytes after every batch`, () => {
      fc.assert(
        fc.property(
          fc.array(anyRow, { minLength: 50, maxLength: 400, size: 'max' }),
          fc.constantFrom(1, 16),
          (rows, pipeline) => {
            const trace = allocateTrace('test', rows.length, KEYS);
            trace.keyBytes.fill(8);
            let now = 0;
            rows.forEach(({ waitMs, op, id, bytes, ttlMs }, row) => {
              trace.times[row] = now += waitMs;
              trace.ops[row] = op;
              trace.keys[row] = id;
              trace.valueBytes[row] = bytes;
              trace.ttls[row] = ttlMs;
            });
            const base =
              redis70.startupMemoryBytes('jemalloc-q8') + redis70.idleClientBytes('jemalloc-q8');
            const cell: Cell = {
              workload: 'test',
              server: 'redis-7.0',
              allocator: 'jemalloc-q8',
              policy: name,
              maxmemoryBytes: base + ROOM_BYTES,
              maxmemorySamples: 5,
              lfuLogFactor: 10,
              lfuDecayTime: 1,
              hz: 10,
              activeExpireEffort: 1,
              evictionTenacity: 10,
              pipeline,
              onMiss: 'fill',
              epochSeconds: 1_700_000_000,
              serverTime: 'modelled',
              seed: 1,
              warmupRows: 0,
              timelineIntervalMs: 0,
            };
            const engine = engineFor(trace, cell);
            const replay = new Replay(engine, trace, cell);
            for (let row = pipeline; row <= rows.length; row += pipeline) {
              replay.to(row);
              engine.checkInvariants();
            }
          },
        ),
        { numRuns: 40 },
      );
    });
  }
});
