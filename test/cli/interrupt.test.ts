import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { temporaryFolder } from '../temporary-folder.ts';
import { evictlab, type Ran } from './evictlab.ts';
import { writeSmallTrace } from './small-trace.ts';

const inFolder = temporaryFolder();
writeSmallTrace(inFolder('t.csv'), 3000, 1500);

/** A busy machine may not have finished a cell by the first of these. */
const DELAYS_MS = [2000, 8000, 32_000];

/** What a long run leaves behind that is interrupted once it has something to keep. */
async function interrupted(): Promise<Ran> {
  let outcome: Ran | undefined;
  for (const delayMs of DELAYS_MS) {
    outcome = await evictlab(
      ['run', 't.csv', '--policy', 'allkeys-random', '--repeat', '10000', '--out', 'kept.csv'],
      {
        cwd: inFolder('.'),
        during: (child) => {
          setTimeout(() => child.kill('SIGINT'), delayMs);
        },
      },
    );
    if (outcome.stderr.includes('kept in')) break;
  }
  assert.ok(outcome);
  return outcome;
}

describe('Ctrl-C', () => {
  it('keeps the finished rows, says so, and exits with 130', async () => {
    const { code, stderr } = await interrupted();
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
