import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { UsageError } from '../../src/errors.ts';
import { TraceBuilder, type RowBuilder } from '../../src/trace/builder.ts';
import { firstRows } from '../../src/trace/first-rows.ts';
import { GET } from '../../src/trace/operations.ts';
import { readTrace, readTraceInto, type ReadTraceOptions } from '../../src/trace/read-trace.ts';
import { Spool } from '../../src/trace/spool.ts';
import { SpooledTraceBuilder } from '../../src/trace/spooled-builder.ts';
import { allocateRows } from '../../src/trace/trace.ts';
import { NO_TTL } from '../../src/trace/ttl.ts';
import { endMs, type AnyTrace } from '../../src/trace/window.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { contents, withSpool } from './spooled.ts';

const inFolder = temporaryFolder();

/** Milliseconds from one row to the next: back, none, and enough to lengthen the tick more than once. */
const pauses = fc.oneof(
  fc.integer({ min: -50, max: 500 }),
  fc.constantFrom(0, 30 * 86_400_000, 600 * 86_400_000),
);
const rowsOfTrace = fc.array(fc.record({ pauseMs: pauses, key: fc.nat(5) }), {
  minLength: 1,
  maxLength: 40,
});
type Row = typeof rowsOfTrace extends fc.Arbitrary<(infer R)[]> ? R : never;

function built<T>(builder: RowBuilder<T>, rows: readonly Row[]): T {
  // Ids in order of first appearance, as every reader gives them.
  const ids = new Map<number, number>();
  let timeMs = 0;
  rows.forEach(({ pauseMs, key }, i) => {
    timeMs += pauseMs;
    const id = ids.get(key) ?? ids.size;
    ids.set(key, id);
    builder.add(Math.max(0, timeMs), GET, id, 100 + i, i % 3 === 0 ? NO_TTL : i);
  });
  return builder.finish({ count: ids.size, bytesOf: (id) => 10 + id });
}

describe('a trace in a spool', () => {
  it('is the trace in memory, whatever the chunks, the times and the rows left out', async () => {
    await fc.assert(
      fc.asyncProperty(
        rowsOfTrace,
        fc.integer({ min: 1, max: 7 }),
        fc.integer({ min: 1, max: 45 }),
        (rows, chunkRows, kept) =>
          withSpool(chunkRows, (spool) => {
            const memory = built(new TraceBuilder('t'), rows);
            const disk = built(new SpooledTraceBuilder('t', spool, kept), rows);
            const first = firstRows(memory, kept);
            assert.deepEqual(contents(disk), contents(first));
            assert.equal(endMs(disk), endMs(first));
          }),
      ),
      { numRuns: 200 },
    );
  });

  it('is read from a file, or refused, or warned of, as one in memory', async () => {
    const rows = Array.from({ length: 50 }, (_, i) => `${i * 10},get,key:${i % 7},100,\n`).join('');
    const text = `time_ms,op,key,value_bytes,ttl_s\n${rows}`;
    const files = {
      'good.csv.gz': gzipSync(text),
      'back.csv': `${text}1,get,key:1,100,\n`,
      'bad.csv': `${text}600,get,key:1,many,\n`,
      'cut.csv.gz': gzipSync(text).subarray(0, 100),
      'empty.csv': '',
      'odd.oracleGeneral': Buffer.alloc(24 + 7, 1),
    };
    for (const [name, content] of Object.entries(files)) {
      const file = inFolder(name);
      writeFileSync(file, content);
      const said = async (
        read: (options: ReadTraceOptions) => Promise<AnyTrace>,
      ): Promise<object> => {
        const warnings: string[] = [];
        try {
          const trace = await read({ warn: (message) => warnings.push(message) });
          return { ...contents(trace), warnings };
        } catch (error) {
          return { error };
        }
      };
      await withSpool(7, async (spool) => {
        const disk = await said((options) =>
          readTraceInto((title) => new SpooledTraceBuilder(title, spool), file, options),
        );
        assert.deepEqual(disk, await said((options) => readTrace(file, options)), name);
        assert.equal('error' in disk, !['good.csv.gz', 'back.csv'].includes(name));
      });
    }
  });

  it('can be given up while it is read', async () => {
    const reading = readTrace(inFolder('good.csv.gz'), { signal: AbortSignal.abort() });
    await assert.rejects(reading, { name: 'AbortError' });
  });
});

describe('the file of a spool', () => {
  it('has no name as soon as it is open, so nothing is left of it whatever happens', () => {
    const folder = inFolder('empty');
    mkdirSync(folder);
    const spool = new Spool(folder, 4);
    spool.write(0, allocateRows(4), 4);
    assert.deepEqual(readdirSync(folder), []);
    spool.close();
  });

  it('is refused where there is no folder, or no permission, with what to do', () => {
    writeFileSync(inFolder('file'), '');
    for (const folder of [inFolder('none'), inFolder('file')]) {
      assert.throws(
        () => new Spool(folder),
        (error) =>
          error instanceof UsageError &&
          error.message.startsWith(`${folder}: no place for a streamed trace (E`) &&
          error.message.includes('--stream-dir'),
      );
    }
  });

  it('is refused beforehand when it is known to be larger than what is free', () =>
    withSpool(4, (spool) => {
      spool.reserve(1000);
      assert.throws(() => {
        spool.reserve(1e15);
      }, /no room .* 1000000000000000 requests take 17000000000000000 bytes, \d+ are free\. Make room/);
    }));

  it('says what it had written when the disk is full', (t) => {
    if (process.platform === 'win32') {
      t.skip('needs a limit on the size of files');
      return;
    }
    // A limit on the size of files is the nearest thing to a full disk that needs no privileges.
    const script = `
      const { Spool } = await import(${JSON.stringify(import.meta.resolve('../../src/trace/spool.js'))});
      const { allocateRows } = await import(${JSON.stringify(import.meta.resolve('../../src/trace/trace.js'))});
      const spool = new Spool(${JSON.stringify(inFolder('.'))}, 1000);
      const rows = allocateRows(1000);
      try { for (let chunk = 0; chunk < 100; chunk++) spool.write(chunk, rows, 1000); }
      catch (error) { console.log(error.name + ': ' + error.message); }`;
    const { stdout, stderr } = spawnSync(
      'sh',
      [
        '-c',
        'trap \'\' XFSZ; ulimit -f 256; exec "$@"',
        'sh',
        process.execPath,
        '--input-type=module',
        '-e',
        script,
      ],
      { encoding: 'utf8' },
    );
    assert.match(
      stdout,
      /^UsageError: .*no room for a streamed trace, which takes 17 bytes a request: \d+ bytes were written/,
      stderr,
    );
  });
});
