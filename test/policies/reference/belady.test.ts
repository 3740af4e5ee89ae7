import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { UsageError } from '../../../src/errors.ts';
import { NO_VICTIM, REMOVED_BY_COMMAND, REMOVED_BY_EXPIRY } from '../../../src/policies/policy.ts';
import { belady } from '../../../src/policies/reference/belady.ts';
import { NEVER_USED, nextUsesOf } from '../../../src/policies/reference/next-use.ts';
import { DEL, EXPIRE, GET, OPERATIONS, PERSIST, SET } from '../../../src/trace/operations.ts';
import { allocateTrace, type Trace } from '../../../src/trace/trace.ts';
import { NO_TTL } from '../../../src/trace/ttl.ts';
import { naiveNextUse } from '../../reference/naive-next-use.ts';
import { TinyServer } from './tiny-server.ts';

const KEYS = 6;
const ROW_MS = 10;
const START_MS = 1_700_000_000_000;

interface Row {
  readonly op: number;
  readonly id: number;
  readonly ttl?: number | undefined;
}

function traceOf(rows: readonly Row[]): Trace {
  const trace = allocateTrace('test', rows.length, KEYS, ROW_MS);
  rows.forEach(({ op, id, ttl }, row) => {
    trace.times[row] = row;
    trace.ops[row] = op;
    trace.keys[row] = id;
    trace.ttls[row] = ttl ?? NO_TTL;
  });
  return trace;
}

/** Look-aside reads of the letters of `keys`, with room for `capacity` of them; the hits. */
function hitsOf(keys: string, capacity: number): number {
  const rows = keys.split(' ').map((key) => ({
    op: GET,
    id: key.charCodeAt(0) - 'A'.charCodeAt(0),
  }));
  const server = new TinyServer(belady, KEYS, traceOf(rows));
  rows.forEach(({ id }, row) => {
    server.clock.row = row;
    server.lookAside(id, capacity);
  });
  return server.hits;
}

/** Runs one row as the engine would: an expired key goes first, a get that misses is filled. */
function step(server: TinyServer, { op, id, ttl }: Row): void {
  const { records, clock, keyspace } = server;
  const expired = records.slotOf(id);
  if (records.isVolatile(expired) && clock.nowMs > records.expiresAtMs[expired]) {
    server.remove(id, REMOVED_BY_EXPIRY);
  }
  const expiresAtMs = ttl === undefined ? undefined : clock.nowMs + ttl;
  if (op === GET) {
    if (!server.get(id)) server.set(id, 1, expiresAtMs);
  } else if (op === SET) {
    server.set(id, 1, expiresAtMs);
  } else if (op === DEL || (op === EXPIRE && ttl === 0)) {
    server.remove(id, REMOVED_BY_COMMAND);
  } else if (server.has(id)) {
    server.get(id);
    const slot = records.slotOf(id);
    if (records.isVolatile(slot)) keyspace.removeExpiry(slot);
    if (op === EXPIRE && expiresAtMs !== undefined) keyspace.addExpiry(slot, expiresAtMs);
  }
}

/** When `id` is next of use, as of `row`: found by reading on in the trace; Infinity if never or not alive by then. */
function future(server: TinyServer, trace: Trace, id: number, row: number): number {
  const next = naiveNextUse(trace, id, row);
  if (next === undefined) return Infinity;
  const nextMs = START_MS + next * ROW_MS;
  const { records } = server;
  const slot = records.slotOf(id);
  const dies = records.isVolatile(slot) && nextMs > records.expiresAtMs[slot];
  return dies ? Infinity : next;
}

const anyRow = fc.record({
  op: fc.constantFrom(GET, GET, GET, SET, DEL, EXPIRE, PERSIST),
  id: fc.nat(KEYS - 1),
  ttl: fc.option(fc.nat(150), { nil: undefined }),
});

describe('belady', () => {
  it('makes room first: A B C A B in room for 2 is 1 hit, as B goes for C', () => {
    // It would be 2 hits if the newcomer C, never used again, might be refused.
    assert.equal(hitsOf('A B C A B', 2), 1);
  });

  it('evicts the key whose next use is farthest: A B C A D A B C has 3 hits in room for 3', () => {
    // D comes in for B or C, whose next use is last: C. Then A and B hit; C misses.
    assert.equal(hitsOf('A B C A D A B C', 3), 3);
  });

  it('evicts a key whose next useful use, by reading on in the trace, is the farthest', () => {
    fc.assert(
      fc.property(
        fc.array(anyRow, { maxLength: 80, size: 'max' }),
        fc.integer({ min: 1, max: 5 }),
        (rows, room) => {
          const trace = traceOf(rows);
          const server = new TinyServer(belady, KEYS, trace);
          rows.forEach((row, at) => {
            server.clock.row = at;
            server.clock.nowMs = START_MS + at * ROW_MS;
            step(server, row);
            while (server.residents > room) {
              const residents = Array.from({ length: KEYS }, (_, id) => id).filter((id) =>
                server.has(id),
              );
              const farthest = Math.max(...residents.map((id) => future(server, trace, id, at)));
              const victim = server.victim();
              assert.equal(future(server, trace, victim, at), farthest);
              assert.equal(server.evict(), victim);
            }
            server.policy.checkInvariants!();
          });
        },
      ),
      { numRuns: 500 },
    );
  });

  it('knows from the writes of a late batch when the trace began', () => {
    // The SET of row 1 runs at the time of row 2, so its key lives until 35 ms: too short for the look-up at 40 ms if
    // the trace began at START_MS, long enough for one at 30 ms.
    const at = (lookup: number): number => {
      const rows = Array.from({ length: 6 }, (_, row) => ({ op: GET, id: row === lookup ? 1 : 2 }));
      rows[0] = rows[5] = { op: GET, id: 0 };
      rows[1] = { op: SET, id: 1 };
      const server = new TinyServer(belady, KEYS, traceOf(rows));
      server.clock.nowMs = START_MS;
      server.set(0, 1);
      server.clock.nowMs = START_MS + 2 * ROW_MS;
      server.clock.row = 1;
      server.set(1, 1, server.clock.nowMs + 15);
      return server.evict();
    };
    assert.equal(at(4), 1, 'key 1 is dead by row 4');
    assert.equal(at(3), 0, 'key 1 lives to see row 3; key 0 is used last');
  });

  it('has no victim when nothing is resident, and needs a trace', () => {
    assert.equal(new TinyServer(belady, KEYS, traceOf([])).evict(), NO_VICTIM);
    assert.throws(() => new TinyServer(belady, KEYS), UsageError);
  });
});

describe('next uses', () => {
  it('are what reading on from every row finds, for every operation', () => {
    const row = fc.record({
      op: fc.nat(OPERATIONS.length - 1),
      id: fc.nat(2),
      ttl: fc.option(fc.nat(2), { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.array(row, { maxLength: 60, size: 'max' }), (rows) => {
        const trace = traceOf(rows);
        const expected = rows.map(({ id }, at) => naiveNextUse(trace, id, at) ?? NEVER_USED);
        assert.deepEqual([...nextUsesOf(trace)], expected);
      }),
    );
  });

  it('are computed once per trace', () => {
    const trace = traceOf([{ op: GET, id: 0 }]);
    assert.equal(nextUsesOf(trace), nextUsesOf(trace));
  });
});
