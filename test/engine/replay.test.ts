import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Engine } from '../../src/engine/engine.ts';
import { bulkReplyBytes } from '../../src/engine/replies.ts';
import { footprintBytes } from '../../src/engine/footprint.ts';
import { POLICIES, policyNamed } from '../../src/policies/registry.ts';
import { Replay } from '../../src/replay/batch.ts';
import type { Cell } from '../../src/replay/cell.ts';
import { DEFAULT_SETTINGS } from '../../src/replay/defaults.ts';
import { engineFor } from '../../src/replay/replay.ts';
import { SERVERS } from '../../src/servers/registry.ts';
import { EXPIRE, GET, SETKEEP } from '../../src/trace/operations.ts';
import { allocateTrace, type Trace } from '../../src/trace/trace.ts';
import { withListener } from '../../src/sizing/listening.ts';
import { encodeTtl, NO_TTL } from '../../src/trace/ttl.ts';
import { OneByOne } from '../reference/one-by-one.ts';

const KEYS = 60;

interface Row {
  readonly op: number;
  readonly key: number;
  readonly bytes: number;
  readonly ttlMs: number | null;
  readonly dtMs: number;
}

const row: fc.Arbitrary<Row> = fc.record({
  op: fc.oneof(fc.constant(GET), fc.constant(GET), fc.nat(SETKEEP)),
  key: fc.oneof(fc.nat(KEYS - 1), fc.nat(5)),
  bytes: fc.oneof(fc.constant(100), fc.nat(3000), fc.constant(20_000)),
  ttlMs: fc.oneof(fc.constant(null), fc.integer({ min: 1, max: 3000 })),
  dtMs: fc.oneof(fc.constant(0), fc.constant(0), fc.nat(20), fc.nat(2000)),
});

function traceOf(rows: readonly Row[]): Trace {
  const trace = allocateTrace('rows', rows.length, KEYS);
  trace.keyBytes.forEach((_, id) => (trace.keyBytes[id] = id === 7 ? 1500 : 5 + (id % 40)));
  let timeMs = 0;
  rows.forEach(({ op, key, bytes, ttlMs, dtMs }, i) => {
    timeMs += dtMs;
    trace.times[i] = timeMs;
    trace.ops[i] = op;
    trace.keys[i] = key;
    trace.valueBytes[i] = bytes;
    trace.ttls[i] = ttlMs === null && op !== EXPIRE ? NO_TTL : encodeTtl(ttlMs ?? 500);
  });
  return trace;
}

/** All that a replay leaves behind and counts. */
function outcome(engine: Engine, lookups: { hitBytes: number; lookupBytes: number }): unknown {
  const { counters, keyspace } = engine.database;
  const { ids, meta, values, expiresAtMs } = keyspace.records;
  return {
    counters: { ...counters },
    used: engine.account.used,
    peak: engine.account.peak,
    // What the buffer remembers of replies decides its size much later.
    replies: JSON.stringify(Reflect.get(engine, 'replies')),
    hitBytes: lookups.hitBytes,
    lookupBytes: lookups.lookupBytes,
    records: [ids, meta, values, expiresAtMs].map((column) => [...column]),
  };
}

describe('a replay by the batch', () => {
  const policies = POLICIES.map(({ name }) => name);
  for (const { name: server, policies: own, defaultAllocator: allocator, ...profile } of SERVERS) {
    it(`leaves on ${server} what its commands leave one by one`, () => {
      const rooms = fc.constantFrom(0, 0.05, 0.3);
      const pipelines = fc.constantFrom(1, 4, 16);
      const known = fc.constantFrom(...policies.filter((name) => !name.includes('-')), ...own);
      fc.assert(
        fc.property(
          fc.array(row, { minLength: 1, maxLength: 300, size: 'max' }),
          known,
          rooms,
          pipelines,
          fc.nat(),
          (rows, policy, room, pipeline, seed) => {
            const trace = traceOf(rows);
            const whole = footprintBytes(
              trace,
              SERVERS.find(({ name }) => name === server)!,
              allocator,
            );
            const empty =
              profile.startupMemoryBytes(allocator) + profile.idleClientBytes(allocator);
            const cell: Cell = {
              ...DEFAULT_SETTINGS,
              workload: 'rows',
              server,
              allocator,
              policy,
              maxmemoryBytes: room === 0 ? 0 : empty + Math.round(room * whole),
              pipeline,
              seed,
              warmupRows: 0,
              timelineIntervalMs: 0,
            };
            const batched = engineFor(trace, cell);
            const replay = new Replay(batched, trace, cell);
            replay.to(trace.rows);
            batched.checkInvariants();
            const single = engineFor(trace, cell);
            const oneByOne = new OneByOne(single, trace, cell, profile.parseAhead?.window ?? 0);
            oneByOne.run();
            assert.deepEqual(outcome(batched, replay.rows), outcome(single, oneByOne));
            // A policy of the host's that has the kernel do the work hears of everything in time.
            const heard = engineFor(
              trace,
              cell,
              withListener(policyNamed(policy), () => ({})),
            );
            const heardReplay = new Replay(heard, trace, cell);
            heardReplay.to(trace.rows);
            assert.deepEqual(outcome(batched, replay.rows), outcome(heard, heardReplay.rows));
          },
        ),
        { numRuns: 15 },
      );
    });
  }

  it('answers GETs with the length of the value in decimal digits', () => {
    const lengths = fc.oneof(
      fc.nat(2 ** 31 - 1),
      fc.nat(20_000),
      fc.integer({ min: 1, max: 9 }).chain((e) => fc.constantFrom(10 ** e - 1, 10 ** e)),
    );
    fc.assert(
      fc.property(lengths, (length) => {
        assert.equal(bulkReplyBytes(length), `$${length}\r\n\r\n`.length + length);
      }),
    );
    assert.equal(bulkReplyBytes(0), '$0\r\n\r\n'.length);
  });
});
