import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import {
  checkAssertionsApply,
  parseAssertion,
  violations,
  violationText,
} from '../../src/cli/assert.ts';
import { runProgram } from '../../src/cli/program.ts';
import { UsageError } from '../../src/errors.ts';
import { someResult } from '../result.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { evictlab } from './evictlab.ts';
import { SMALL_LIMIT, writeSmallTrace } from './small-trace.ts';

const inFolder = temporaryFolder();
const cwd = inFolder('.');
writeSmallTrace(inFolder('t.csv'), 2000, 1500);

const result = someResult({ policy: 'allkeys-lru', maxmemoryBytes: 1 }, 900, {
  evictedKeys: 7,
  usedMemoryBytes: 2 * 1024 * 1024,
});

/** An assertion, and whether the result above meets it. */
const cases: readonly [string, boolean][] = [
  ['hit_ratio>=0.9', true],
  ['hit_ratio > 0.9', false],
  ['hit_ratio<0.9', false],
  ['hit_ratio<=9e-1', true],
  ['evicted_keys==7', true],
  ['evicted_keys!=7', false],
  ['evicted_keys<=1e5', true],
  ['evicted_keys>-1', true],
  ['used_memory_bytes<=2mb', true],
  ['used_memory_bytes<2097152', false],
  ['policy==allkeys-lru', true],
  ['policy!=allkeys-lru', false],
  ['allkeys-lru.hit_ratio>0.5', true],
  ['allkeys-lru.hit_ratio>0.95', false],
  ['redis-7.0/allkeys-lru.hit_ratio>0.95', false],
  ['allkeys-lfu.hit_ratio>0.95', true],
  ['redis-7.0.15/allkeys-lru.hit_ratio>0.95', false],
  // Of another allocator than the result's.
  ['debian-12/allkeys-lru.hit_ratio>0.95', true],
];

describe('an assertion', () => {
  for (const [text, holds] of cases) {
    it(`${text} ${holds ? 'holds' : 'fails'}`, () => {
      assert.equal(violations([parseAssertion(text)], [result]).length, holds ? 0 : 1);
    });
  }

  it('says which cell failed and what it found', () => {
    const [violation] = violations([parseAssertion('hit_ratio>=0.95')], [result]);
    const text = violationText(violation);
    assert.match(
      text,
      /^assertion failed: hit_ratio>=0\.95: hit_ratio is 0\.900000 \(.+, allkeys-lru, maxmemory 1, seed 1\)$/,
    );
  });

  it('is not met by a value that is not there', () => {
    const [violation] = violations(
      [parseAssertion('hit_ratio>=0')],
      [{ ...result, hits: 0, misses: 0 }],
    );
    assert.match(violationText(violation), /hit_ratio is no value/);
  });

  it('is refused when it is about no cell of the run', () => {
    assert.throws(
      () => {
        checkAssertionsApply([parseAssertion('noeviction.hits>=1')], [result.cell]);
      },
      (error: Error) =>
        error instanceof UsageError && /no cell of this run.*allkeys-lru/.test(error.message),
    );
  });
});

/** Assertions that are the user's mistake; what stderr must say. */
const mistakes: readonly [string, RegExp][] = [
  ['hit_rati>=0.9', /Unknown column "hit_rati"\. Did you mean "hit_ratio"\?/],
  ['allkeys-lur.hits>=1', /Unknown policy "allkeys-lur"\. Did you mean "allkeys-lru"\?/],
  ['redis-1/allkeys-lru.hits>=1', /Unknown server "redis-1"/],
  ['hits', /not an assertion\. Write a column/],
  ['hits=>1', /not an assertion|Unknown column/],
  ['hits>=many', /"many" is not a number/],
  ['hits>=0x10', /"0x10" is not a number/],
  ['used_memory_bytes<=5zb', /"5zb" is not a size/],
  ['policy>=allkeys-lru', /policy is text; compare it with == or !=/],
  ['volatile-lru.hits>=1', /no cell of this run is meant\. It runs .*\/allkeys-lru\./],
];

describe('run --assert', () => {
  for (const [text, message] of mistakes) {
    it(`refuses ${text} before any replay`, async () => {
      const args = ['run', inFolder('t.csv'), '--policy', 'allkeys-lru', '--assert', text];
      await assert.rejects(runProgram(args, new AbortController().signal), (error: Error) => {
        assert.ok(error instanceof UsageError, error.stack);
        assert.match(error.message, message);
        return true;
      });
      assert.ok(!existsSync(inFolder('results')));
    });
  }

  it('exits with 0 when all hold and with 1, all output written, when one fails', async () => {
    const args = ['run', 't.csv', '--policy', 'allkeys-lru,allkeys-random', '--quiet'];
    const limits = ['--maxmemory', SMALL_LIMIT, '--out', 'a.csv'];
    const holds = ['--assert', 'hits>=1', '--assert', 'allkeys-lru.evicted_keys>0'];
    const good = await evictlab([...args, ...limits, ...holds], { cwd });
    assert.deepEqual([good.code, good.stdout, good.stderr], [0, '', '']);

    const fails = [...holds, '--assert', 'hit_ratio>=1', '--out', 'b.csv'];
    const bad = await evictlab([...args, '--maxmemory', SMALL_LIMIT, ...fails], { cwd });
    assert.equal(bad.code, 1, bad.stderr);
    const lines = bad.stderr.trimEnd().split('\n');
    assert.equal(lines.length, 2, 'one line a failing cell');
    assert.match(lines[0], /^evictlab: assertion failed: hit_ratio>=1: .*allkeys-lru/);
    assert.equal(readFileSync(inFolder('b.csv'), 'utf8').trimEnd().split('\n').length, 3);
  });
});
