import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { describe, it } from 'node:test';
import { serverBinary } from '../../src/live/server-binary.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { noRedisServer } from './redis-server.ts';
import { fixed, observeSave, uniform } from './saving-server.ts';

const path = temporaryFolder();

describe('pages copied while a server saves', { skip: noRedisServer }, () => {
  it('are as many as the server reports, to within 15 %', async () => {
    const folder = path('saving');
    mkdirSync(folder);
    const { aloneBytes, copiedBytes, modelledBytes } = await observeSave(
      await serverBinary('redis-server'),
      folder,
      { name: 'overwrite', keys: 50_000, valueBytes: fixed(100), key: uniform, writes: 1000 },
      2,
    );
    assert.ok(copiedBytes > 4 * aloneBytes, `${copiedBytes} copied, ${aloneBytes} without writes`);
    assert.ok(
      Math.abs(modelledBytes / copiedBytes - 1) < 0.15,
      `model ${modelledBytes}, server ${copiedBytes}`,
    );
  });
});
