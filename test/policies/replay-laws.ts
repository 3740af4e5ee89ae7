import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Engine } from '../../src/engine/engine.ts';
import type { PolicyDefinition } from '../../src/policies/policy.ts';
import { Replay } from '../../src/replay/batch.ts';
import type { Cell } from '../../src/replay/cell.ts';
import { DEFAULT_SETTINGS } from '../../src/replay/defaults.ts';
import { redis70 } from '../../src/servers/redis-7.0.ts';
import { DEL, GET, SET } from '../../src/trace/operations.ts';
import { allocateTrace, type Trace } from '../../src/trace/trace.ts';
import { encodeTtl, NO_TTL } from '../../src/trace/ttl.ts';
import { observed, type PolicyEvent } from '../reference/observed-policy.ts';
import type { Law } from './laws.ts';

const KEYS = 24;
const EMPTY_SERVER_BYTES = 20_000;

interface Row {
  readonly op: typeof GET | typeof SET | typeof DEL;
  readonly key: number;
  readonly ttlMs: number | null;
  readonly dtMs: number;
}

const rowsWith = (ttls: fc.Arbitrary<number | null>): fc.Arbitrary<Row[]> =>
  fc.array(
    fc.record<Row>({
      op: fc.constantFrom(GET, GET, GET, SET, DEL),
      key: fc.oneof(fc.nat(KEYS - 1), fc.nat(3)),
      ttlMs: ttls,
      dtMs: fc.oneof(fc.constant(0), fc.nat(30)),
    }),
    { minLength: 1, maxLength: 200, size: 'max' },
  );

function traceOf(rows: readonly Row[]): Trace {
  const trace = allocateTrace('rows', rows.length, KEYS);
  trace.keyBytes.fill(16);
  let timeMs = 0;
  rows.forEach((row, i) => {
    timeMs += row.dtMs;
    trace.times[i] = timeMs;
    trace.ops[i] = row.op;
    trace.keys[i] = row.key;
    trace.valueBytes[i] = 100;
    trace.ttls[i] = row.ttlMs === null ? NO_TTL : encodeTtl(row.ttlMs);
  });
  return trace;
}

/** A look-aside replay with `roomBytes` for data (0 = no limit), its engine, and what its policy saw. */
function replayOf(
  policy: PolicyDefinition,
  rows: readonly Row[],
  options: { roomBytes: number; pipeline: number; seed: number },
): { replay: Replay; engine: Engine; log: PolicyEvent[] } {
  const { roomBytes, pipeline, seed } = options;
  const trace = traceOf(rows);
  const log: PolicyEvent[] = [];
  const cell: Cell = {
    workload: 'rows',
    server: redis70.name,
    allocator: 'jemalloc-q8',
    policy: policy.name,
    maxmemoryBytes: roomBytes === 0 ? 0 : EMPTY_SERVER_BYTES + roomBytes,
    ...DEFAULT_SETTINGS,
    pipeline,
    serverTime: 'none',
    seed,
    warmupRows: 0,
    timelineIntervalMs: 0,
  };
  const replyBuffer = { ...redis70.replyBuffer, resizes: false, largestBytes: 1024 };
  const settings = {
    ...cell,
    profile: { ...redis70, replyBuffer },
    policy: observed(policy, log),
    baseBytes: EMPTY_SERVER_BYTES,
  };
  const engine = new Engine(settings, trace.keyBytes, cell.epochSeconds * 1000, trace);
  return { replay: new Replay(engine, trace, cell), engine, log };
}

/** One request at a time, a lookup hits exactly when its key was written or filled and nothing removed it since. */
export const readsFollowWritesOneByOne: Law = (policy) => {
  const ttls = fc.oneof(fc.constant(null), fc.integer({ min: 1, max: 2000 }));
  const rooms = fc.constantFrom(0, 1500, 3000);
  fc.assert(
    fc.property(rowsWith(ttls), rooms, fc.nat(), (rows, roomBytes, seed) => {
      const { replay, engine, log } = replayOf(policy, rows, { roomBytes, pipeline: 1, seed });
      const { counters } = engine.database;
      const present = new Set<number>();
      rows.forEach(({ op, key }, i) => {
        const { hits, misses, oomErrors } = counters;
        replay.to(i + 1);
        const wasHit = counters.hits > hits;
        for (const event of log.splice(0)) if (event.kind === 'removed') present.delete(event.id);
        if (op === GET) {
          assert.equal(counters.hits + counters.misses, hits + misses + 1);
          if (wasHit) assert.ok(present.has(key), `row ${i} found key ${key}`);
          else assert.ok(!present.has(key), `row ${i} missed key ${key}`);
        }
        if (op === DEL || wasHit || counters.oomErrors > oomErrors) return;
        present.add(key);
      });
    }),
    { numRuns: 30 },
  );
};

/** Hits when nothing but the order of each key's own requests matters. */
function hitsInOrder(rows: readonly Row[]): number {
  const present = new Set<number>();
  let hits = 0;
  for (const { op, key } of rows) {
    if (op === GET && present.has(key)) hits++;
    if (op === DEL) present.delete(key);
    else present.add(key);
  }
  return hits;
}

/** Sixteen at a time, each key still sees its requests in the order of the trace. */
export const readsFollowWritesInPipelines: Law = (policy) => {
  const rooms = fc.constantFrom(0, 1500);
  fc.assert(
    fc.property(rowsWith(fc.constant(null)), rooms, fc.nat(), (rows, roomBytes, seed) => {
      const { replay, engine } = replayOf(policy, rows, { roomBytes, pipeline: 16, seed });
      replay.to(rows.length);
      const { hits, misses } = engine.database.counters;
      assert.equal(hits + misses, rows.filter((row) => row.op === GET).length);
      if (roomBytes === 0) assert.equal(hits, hitsInOrder(rows));
      else assert.ok(hits <= hitsInOrder(rows));
      engine.checkInvariants();
    }),
    { numRuns: 30 },
  );
};
