import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { TraceBuilder } from '../../src/trace/builder.ts';
import { KeyInterner } from '../../src/trace/intern.ts';
import { EXPIRE, SETKEEP, OPERATIONS } from '../../src/trace/operations.ts';
import { readTrace } from '../../src/trace/read-trace.ts';
import type { Trace } from '../../src/trace/trace.ts';
import { MAX_TTL_SECONDS, NO_TTL, encodeTtl } from '../../src/trace/ttl.ts';
import { writeCsvTrace } from '../../src/trace/writers/csv.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const inFolder = temporaryFolder();

const ttlMs = fc.oneof(
  fc.integer({ min: 1, max: 100_000 }),
  fc.integer({ min: 1, max: MAX_TTL_SECONDS }).map((seconds) => seconds * 1000),
);
const row = fc.record({
  pauseMs: fc.oneof(fc.nat(5000), fc.nat(30 * 86_400_000)),
  op: fc.nat(OPERATIONS.length - 1),
  key: fc.oneof(
    fc.constantFrom('a', 'b"', '"', ',', 'x\ny', '\r', 'é'),
    fc.string({ minLength: 1, unit: 'grapheme' }),
  ),
  valueBytes: fc.nat(512 * 1024 * 1024),
  ttlMs: fc.option(ttlMs),
});
type Row = typeof row extends fc.Arbitrary<infer R> ? R : never;

function traceFrom(rows: readonly Row[]): Trace {
  const builder = new TraceBuilder('t');
  const keys = new KeyInterner();
  let timeMs = 0;
  for (const { pauseMs, op, key, valueBytes, ttlMs } of rows) {
    timeMs += pauseMs;
    const name = Buffer.from(key);
    // EXPIRE always has a TTL, SET KEEPTTL never.
    const given = op === SETKEEP ? null : ttlMs;
    const ttl = given === null ? (op === EXPIRE ? 0 : NO_TTL) : encodeTtl(given);
    builder.add(timeMs, op, keys.intern(name, 0, name.length), valueBytes, ttl);
  }
  return builder.finish({
    count: keys.size,
    bytesOf: (id) => keys.nameBytes(id),
    names: () => keys.names(),
  });
}

function columns(trace: Trace): object {
  const { name, rows, keyCount, tickMs, keyNames } = trace;
  const { times, ops, keys, valueBytes, ttls, keyBytes } = trace;
  const arrays = [times, ops, keys, valueBytes, ttls, keyBytes].map((column) => [...column]);
  return { name, rows, keyCount, tickMs, keyNames, arrays };
}

describe('a trace written as CSV', () => {
  it('reads back with the same columns', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { minLength: 1, maxLength: 60 }),
        fc.boolean(),
        async (rows, gz) => {
          // A first row beyond 49.7 days would be a clock reading, and time count from it.
          const trace = traceFrom([
            { ...rows[0], pauseMs: rows[0].pauseMs % 5000 },
            ...rows.slice(1),
          ]);
          const file = inFolder(gz ? 't.csv.gz' : 't.csv');
          await writeCsvTrace(trace, file);
          assert.deepEqual(columns(await readTrace(file)), columns(trace));
        },
      ),
      { numRuns: 150 },
    );
  });

  it('names keys without names by their id, as long as they are', async () => {
    const trace = traceFrom([{ pauseMs: 0, op: 0, key: 'abcdef', valueBytes: 1, ttlMs: null }]);
    const { keyNames, ...nameless } = { ...trace, keyNames: undefined };
    assert.equal(keyNames, undefined);
    await writeCsvTrace(nameless, inFolder('n.csv'));
    assert.deepEqual((await readTrace(inFolder('n.csv'))).keyNames, ['k00000']);
  });

  it('leaves no temporary file behind', async () => {
    const file = inFolder('t.csv');
    await writeCsvTrace(
      traceFrom([{ pauseMs: 0, op: 0, key: 'a', valueBytes: 1, ttlMs: null }]),
      file,
    );
    assert.deepEqual(
      readdirSync(dirname(file)).filter((name) => name.endsWith('.tmp')),
      [],
    );
  });
});
