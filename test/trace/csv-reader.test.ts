import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { UsageError } from '../../src/errors.ts';
import { GET, SET } from '../../src/trace/operations.ts';
import { readTrace } from '../../src/trace/read-trace.ts';
import type { Trace } from '../../src/trace/trace.ts';
import { NO_TTL, decodeTtl } from '../../src/trace/ttl.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const inFolder = temporaryFolder();
const HEADER = 'time_ms,op,key,value_bytes,ttl_s\n';

async function read(
  content: string | Buffer,
  name = 't.csv',
): Promise<{ trace: Trace; warnings: string[] }> {
  const file = inFolder(name);
  writeFileSync(file, content);
  const warnings: string[] = [];
  const trace = await readTrace(file, { warn: (message) => warnings.push(message) });
  return { trace, warnings };
}

async function refused(content: string | Buffer, message: RegExp, name = 'bad.csv'): Promise<void> {
  await assert.rejects(read(content, name), (error: Error) => {
    assert.ok(error instanceof UsageError, `${error.name}: ${error.message}`);
    assert.match(error.message, message);
    assert.ok(error.message.includes(name), 'names the file');
    return true;
  });
}

describe('the CSV trace reader', () => {
  it('reads every column, and keys in order of first appearance', async () => {
    const { trace, warnings } = await read(
      `${HEADER}0,get,b,10,\n5,set,a,20,1.5\n7,del,b,,\n7,expire,a,,0\n9,incr,ccc,,60\n`,
    );
    assert.equal(trace.name, 't');
    assert.deepEqual([...trace.times], [0, 5, 7, 7, 9]);
    assert.deepEqual([...trace.ops], [0, 1, 2, 4, 3]);
    assert.deepEqual([...trace.keys], [0, 1, 0, 1, 2]);
    assert.deepEqual([...trace.valueBytes], [10, 20, 0, 0, 0]);
    assert.deepEqual(
      [...trace.ttls].map((ttl) => (ttl === NO_TTL ? null : decodeTtl(ttl))),
      [null, 1500, null, 0, 60_000],
    );
    assert.deepEqual([...trace.keyBytes], [1, 1, 3]);
    assert.deepEqual(trace.keyNames, ['b', 'a', 'ccc']);
    assert.deepEqual(warnings, []);
  });

  it('finds columns by name, in any order, with ttl_s left out and others ignored aloud', async () => {
    const { trace, warnings } = await read('key,client,time_ms,value_bytes,op\nk,c1,3,4,get\n');
    assert.deepEqual([...trace.times, ...trace.valueBytes, ...trace.ttls], [3, 4, NO_TTL]);
    assert.match(warnings.join(), /columns left out: client/);
  });

  it('takes a byte-order mark, CRLF, blank lines and a missing last newline', async () => {
    const { trace } = await read(
      `\uFEFF${HEADER.trim()}\r\n0,get,a,1,\r\n\r\n1,get,a\r,1,5\r\n2,get,a,1,`,
    );
    assert.equal(trace.rows, 3);
    assert.deepEqual(trace.keyNames, ['a', 'a\r']);
  });

  it('takes operations in capitals as well', async () => {
    const { trace } = await read(`${HEADER}0,SET,a,1,\n1,get,a,1,\n2,Get,a,1,\n`);
    assert.deepEqual([...trace.ops], [SET, GET, GET]);
  });

  it('takes quoted fields with commas, quotes and newlines', async () => {
    const { trace } = await read(`${HEADER}0,"get","a,""b""\nc","7","5"\n1,get,plain"quote,1,\n`);
    assert.deepEqual(trace.keyNames, ['a,"b"\nc', 'plain"quote']);
    assert.deepEqual([...trace.valueBytes], [7, 1]);
    assert.equal(trace.keyBytes[0], 7);
  });

  it('reads gzip by its first bytes, whatever the name, also of several members', async () => {
    const gz = Buffer.concat([gzipSync(`${HEADER}0,get,a,1,\n`), gzipSync('1,get,b,1,\n')]);
    assert.equal((await read(gz, 'x.csv.gz')).trace.rows, 2);
    assert.equal((await read(gz, 'misnamed.csv')).trace.rows, 2);
    assert.equal((await read(`${HEADER}0,get,a,1,\n`, 'plain.csv.gz')).trace.name, 'plain');
  });

  it('gives a row earlier than the one before that one’s time, and says how many', async () => {
    const { trace, warnings } = await read(
      `${HEADER}5,get,a,1,\n3,get,a,1,\n9,get,a,1,\n8,get,a,1,\n`,
    );
    assert.deepEqual([...trace.times], [5, 5, 9, 9]);
    assert.match(warnings.join(), /time goes back in 2 of 4 rows/);
  });

  it('counts from a first row that is a clock reading, and lengthens the tick beyond 49.7 days', async () => {
    const start = 1_700_000_000_000;
    const days60 = 60 * 86_400_000;
    const { trace } = await read(
      `${HEADER}${start},get,a,1,\n${start + 25},get,a,1,\n${start + days60},get,a,1,\n`,
    );
    assert.equal(trace.tickMs, 10);
    assert.deepEqual([...trace.times], [0, 2, days60 / 10]);
  });

  it('reads records across chunk borders', async () => {
    const rows = Array.from(
      { length: 40_000 },
      (_, i) => `${i},get,"key ""${i % 999}""",${i % 7},`,
    );
    const { trace } = await read(`${HEADER}${rows.join('\n')}\n`);
    assert.equal(trace.rows, 40_000);
    assert.equal(trace.keyCount, 999);
    assert.ok(trace.times.every((time, i) => time === i));
  });

  const bad: readonly [string, string | Buffer, RegExp][] = [
    ['an empty file', '', /empty.*time_ms,op,key,value_bytes,ttl_s/],
    ['a header alone', HEADER, /no requests/],
    [
      'a missing column',
      'time_ms,op,keys,value_bytes\n',
      /:1: .*no column "key" \(is "keys" meant\?\)/,
    ],
    ['a repeated column', 'time_ms,op,key,key,value_bytes\n', /"key" twice/],
    ['no header', '0,get,a,1,\n', /:1: the header has no column "time_ms"/],
    ['too few fields', `${HEADER}0,get,a\n`, /:2: 3 fields, the header has 5/],
    ['too many fields', `${HEADER}0,get,a,1,,\n`, /:2: 6 fields/],
    ['a time that is no number', `${HEADER}x,get,a,1,\n`, /:2: time_ms "x"/],
    ['a negative time', `${HEADER}-1,get,a,1,\n`, /:2: time_ms "-1"/],
    [
      'a fraction of a byte',
      `${HEADER}0,get,a,1,\n0,get,a,1.5,\n`,
      /:3: value_bytes "1.5".*0 … 536870912/,
    ],
    ['a get without a size', `${HEADER}0,get,a,,\n`, /:2: value_bytes ""/],
    ['a value beyond 512 MB', `${HEADER}0,get,a,536870913,\n`, /value_bytes "536870913"/],
    ['an unknown op', `${HEADER}0,gte,a,1,\n`, /:2: Unknown op "gte". Did you mean "get"\?/],
    ['a TTL of 0', `${HEADER}0,set,a,1,0\n`, /:2: ttl_s "0".*empty for none/],
    ['a negative TTL', `${HEADER}0,set,a,1,-5\n`, /ttl_s "-5"/],
    ['expire without TTL', `${HEADER}0,expire,a,,\n`, /expire needs a ttl_s/],
    ['an empty key', `${HEADER}0,get,,1,\n`, /:2: the key is empty/],
    [
      'a key that is no UTF-8',
      Buffer.concat([
        Buffer.from(`${HEADER}0,get,`),
        Buffer.from([0xff, 0xfe]),
        Buffer.from(',1,\n'),
      ]),
      /:2: .*UTF-8/,
    ],
    ['a quote never closed', `${HEADER}0,get,"a,1,\n`, /:2: a quote is opened and never closed/],
    ['text after a quote', `${HEADER}0,get,"a"b,1,\n`, /:2: text after a closing quote/],
    ['a line without end', `${HEADER}${'x'.repeat(3_000_000)}`, /:2: longer than/],
    [
      'gzip cut short',
      gzipSync(HEADER + '0,get,a,1,\n'.repeat(9999)).subarray(0, 100),
      /cut short/,
    ],
    [
      'damaged gzip',
      gzipSync(`${HEADER}0,get,a,1,\n`).map((byte, i, all) =>
        i === all.length - 8 ? byte ^ 1 : byte,
      ) as Buffer,
      /damaged/,
    ],
    ['zstd', Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0]), /zstd -d/],
  ];
  for (const [what, content, message] of bad) {
    it(`refuses ${what}, with the place`, () => refused(content, message));
  }

  it('refuses files that are not there, are folders, or have no known format', async () => {
    await assert.rejects(readTrace(inFolder('none.csv')), /none\.csv: no such file/);
    await assert.rejects(readTrace(inFolder('.'), { format: 'csv' }), /is a folder/);
    await assert.rejects(readTrace(inFolder('x.dat')), /--format. Known: csv \(\.csv\)/);
    await assert.rejects(readTrace(inFolder('x.dat'), { format: 'cvs' }), /Did you mean "csv"/);
  });
});
