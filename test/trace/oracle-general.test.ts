import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { readTrace } from '../../src/trace/read-trace.ts';
import { NO_TTL } from '../../src/trace/ttl.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const inFolder = temporaryFolder();

/** One record: seconds, id, size; the next access is not used. */
function record(seconds: number, id: bigint, size: number): Buffer {
  const bytes = Buffer.alloc(24);
  bytes.writeUInt32LE(seconds, 0);
  bytes.writeBigUInt64LE(id, 4);
  bytes.writeUInt32LE(size, 12);
  bytes.writeBigInt64LE(-1n, 16);
  return bytes;
}

const THREE = Buffer.concat([record(0, 7n, 100), record(2, 2n ** 64n - 1n, 5), record(2, 7n, 100)]);

describe('the oracleGeneral reader', () => {
  it('reads every record as a get, with keys of the given length', async () => {
    const file = inFolder('w01.oracleGeneral.bin');
    writeFileSync(file, THREE);
    const trace = await readTrace(file, { keyBytes: 20 });
    assert.equal(trace.name, 'w01');
    assert.deepEqual([...trace.times], [0, 2000, 2000]);
    assert.deepEqual([...trace.ops], [0, 0, 0]);
    assert.deepEqual([...trace.keys], [0, 1, 0]);
    assert.deepEqual([...trace.valueBytes], [100, 5, 100]);
    assert.deepEqual([...trace.ttls], [NO_TTL, NO_TTL, NO_TTL]);
    assert.deepEqual([...trace.keyBytes], [20, 20]);
    assert.equal(trace.keyNames, undefined);
  });

  it('reads gzip and many chunks, and takes keys for 16 bytes unless told', async () => {
    const records = Array.from({ length: 30_000 }, (_, i) =>
      record(i, BigInt(i % 1000), 1 + (i % 9)),
    );
    const file = inFolder('big.oracleGeneral.gz');
    writeFileSync(file, gzipSync(Buffer.concat(records)));
    const trace = await readTrace(file);
    assert.equal(trace.rows, 30_000);
    assert.equal(trace.keyCount, 1000);
    assert.equal(trace.keyBytes[0], 16);
    assert.ok(trace.keys.every((key, i) => key === i % 1000));
  });

  it('leaves out records of size 0, and says how many', async () => {
    const file = inFolder('zero.oracleGeneral');
    writeFileSync(file, Buffer.concat([THREE, record(3, 8n, 0)]));
    const warnings: string[] = [];
    const trace = await readTrace(file, { warn: (message) => warnings.push(message) });
    assert.equal(trace.rows, 3);
    assert.match(warnings.join(), /left out 1 records of size 0/);
  });

  it('refuses a file cut short, with the byte of the broken record', async () => {
    const file = inFolder('cut.oracleGeneral');
    writeFileSync(file, THREE.subarray(0, 60));
    await assert.rejects(
      readTrace(file),
      /cut\.oracleGeneral: the record at byte 48 has 12 of 24 bytes/,
    );
  });

  it('refuses an empty file', async () => {
    writeFileSync(inFolder('e.oracleGeneral'), '');
    await assert.rejects(readTrace(inFolder('e.oracleGeneral')), /no requests/);
  });
});
