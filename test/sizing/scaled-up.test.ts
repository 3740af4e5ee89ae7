import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { noneByReuse, type ByReuse } from '../../src/sizing/reuse.ts';
import type { MiniatureCounts } from '../../src/sizing/run-miniature.ts';
import { scaledUp } from '../../src/sizing/scaled-up.ts';
import { FACTS } from './points.ts';

/** Lookups of 100 bytes by class of reuse, from class 0 on. */
function byReuse(counts: readonly number[]): ByReuse {
  const all = noneByReuse();
  for (const [i, count] of counts.entries()) {
    all.lookups[i] = count;
    all.bytes[i] = 100 * count;
  }
  return all;
}

function runOf(
  hits: readonly number[],
  { expiredKeys = 0, evictedKeys = 0 } = {},
): MiniatureCounts {
  return { hits: byReuse(hits), evictedKeys, expiredKeys, oomErrors: 0 };
}

const UNLIMITED = { misses: 200, missBytes: 20_000, evictedKeys: 0, expiredKeys: 80, oomErrors: 0 };
/** 1,000 lookups, as in FACTS. */
const WHOLE = byReuse([600, 300, 100]);
const OPTIONS = { weight: 10, facts: FACTS, lookups: WHOLE };

describe('scaledUp', () => {
  it('is the whole without a limit where a limit changes nothing, whatever the sample hits', () => {
    for (const hits of [
      [60, 20, 0],
      [48, 30, 7],
    ]) {
      const run = runOf(hits, { expiredKeys: 7 });
      const sample = { unlimited: run, limited: run, lookups: byReuse([60, 30, 10]) };
      assert.deepEqual(scaledUp(UNLIMITED, sample, OPTIONS), UNLIMITED);
    }
  });

  it('takes the share of the hits that the limit leaves', () => {
    // 60 + 20 of 100 lookups hit without a limit, 30 + 10 with it: half of the 800 hits of the whole.
    const sample = {
      unlimited: runOf([60, 20], { expiredKeys: 10 }),
      limited: runOf([30, 10], { expiredKeys: 4, evictedKeys: 30 }),
      lookups: byReuse([60, 30, 10]),
    };
    assert.deepEqual(scaledUp(UNLIMITED, sample, OPTIONS), {
      misses: 600,
      missBytes: 60_000,
      evictedKeys: 300,
      expiredKeys: 32,
      oomErrors: 0,
    });
  });

  it('does not mind which classes of reuse a sample has more of than the whole', () => {
    // Every lookup of the first class hits and half of those of the second, in both samples.
    const missesOf = (first: number, second: number): number => {
      const lookups = byReuse([first, second, 10]);
      const unlimited = runOf([first, second]);
      const limited = runOf([first, second / 2]);
      return scaledUp(UNLIMITED, { unlimited, limited, lookups }, OPTIONS).misses;
    };
    assert.equal(missesOf(60, 30), missesOf(20, 70));
    assert.ok(Math.abs(missesOf(20, 70) - (1000 - 800 * (750 / 900))) < 1e-9);
  });

  it('takes a class of which the sample has nothing for the next one', () => {
    const lookups = byReuse([0, 30, 10]);
    const sample = { unlimited: runOf([0, 30]), limited: runOf([0, 15]), lookups };
    assert.equal(scaledUp(UNLIMITED, sample, OPTIONS).misses, 1000 - 800 / 2);
  });

  it('stays between no hits and all of them', () => {
    const lookups = byReuse([60, 30, 10]);
    const none = { unlimited: runOf([0, 0]), limited: runOf([0, 0]), lookups };
    assert.equal(scaledUp(UNLIMITED, none, OPTIONS).misses, 1000);
    const better = { unlimited: runOf([50, 20]), limited: runOf([51, 20]), lookups };
    assert.equal(scaledUp(UNLIMITED, better, OPTIONS).misses, 200);
  });
});
