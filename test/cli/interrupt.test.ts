import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { temporaryFolder } from '../temporary-folder.ts';
import { evictlab } from './evictlab.ts';
import { writeSmallTrace } from './small-trace.ts';

const inFolder = temporaryFolder();
writeSmallTrace(inFolder('t.csv'), 3000, 1500);

describe('Ctrl-C', () => {
  it('keeps the finished rows, says so, and exits with 130', async () => {
    const { code, stderr } = await evictlab(
      ['run', 't.csv', '--policy', 'allkeys-random', '--repeat', '10000', '--out', 'kept.csv'],
      {
        cwd: inFolder('.'),
        during: (child) => {
          setTimeout(() => child.kill('SIGINT'), 4000);
        },
      },
    );
    assert.equal(code, 130, stderr);
    const kept = /interrupted: (\d+) of 10000 cells finished, kept in kept\.csv/.exec(stderr);
    assert.ok(kept !== null, stderr);
    const lines = readFileSync(inFolder('kept.csv'), 'utf8').trimEnd().split('\n');
    assert.equal(lines.length - 1, Number(kept[1]));
    assert.ok(lines.length > 1 && lines.length < 10_000);
    assert.ok(
      lines.every((line) => line.split(',').length === 22),
      'whole rows',
    );
  });
});
