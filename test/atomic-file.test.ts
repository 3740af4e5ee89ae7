import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { checkWritable, writeAtomically } from '../src/atomic-file.ts';
import { UsageError } from '../src/errors.ts';
import { temporaryFolder } from './temporary-folder.ts';

const inFolder = temporaryFolder();

describe('writeAtomically', () => {
  it('leaves the old file as it was when writing fails half-way', async () => {
    writeFileSync(inFolder('a.txt'), 'old');
    const half = function* (): Generator<string> {
      yield 'new';
      throw new Error('broke');
    };
    await assert.rejects(writeAtomically(inFolder('a.txt'), half()), /broke/);
    assert.equal(readFileSync(inFolder('a.txt'), 'utf8'), 'old');
    assert.deepEqual(readdirSync(inFolder('.')), ['a.txt']);
  });

  it('makes missing folders and replaces an old file', async () => {
    await writeAtomically(inFolder('x/y/a.txt'), ['1', '2']);
    await writeAtomically(inFolder('x/y/a.txt'), ['3']);
    assert.equal(readFileSync(inFolder('x/y/a.txt'), 'utf8'), '3');
  });
});

describe('checkWritable', () => {
  it('leaves nothing behind, not even the folder', async () => {
    const before = readdirSync(inFolder('.'));
    await checkWritable(inFolder('new/folder/a.txt'));
    assert.deepEqual(readdirSync(inFolder('.')), before);
  });

  it('refuses folders, and files used as folders', async () => {
    mkdirSync(inFolder('folder'));
    writeFileSync(inFolder('file'), '');
    await assert.rejects(checkWritable(inFolder('folder')), /is a folder/);
    await assert.rejects(checkWritable(inFolder('file/a.txt')), UsageError);
  });
});
