import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CellResult } from '../../src/replay/cell.ts';
import { scaledUp } from '../../src/sizing/scaled-up.ts';
import { CELL, FACTS } from './points.ts';

function resultOf(counts: Partial<CellResult>): CellResult {
  return {
    cell: CELL,
    requests: 0,
    hits: 0,
    misses: 0,
    hitBytes: 0,
    lookupBytes: 0,
    evictedKeys: 0,
    expiredKeys: 0,
    oomErrors: 0,
    keys: 0,
    usedMemoryBytes: 0,
    peakMemoryBytes: 0,
    emptyMemoryBytes: 0,
    elapsedMs: 0,
    timeline: [],
    ...counts,
  };
}

const UNLIMITED = { misses: 200, missBytes: 20_000, evictedKeys: 0, expiredKeys: 80, oomErrors: 0 };
const OPTIONS = { weight: 10, facts: FACTS };

describe('scaledUp', () => {
  it('is the whole without a limit where a limit changes nothing, whatever the sample misses', () => {
    for (const misses of [0, 15, 20, 31]) {
      const sample = resultOf({ misses, lookupBytes: 100 * misses, expiredKeys: 7 });
      const scaled = scaledUp(UNLIMITED, { unlimited: sample, limited: sample }, OPTIONS);
      assert.deepEqual(scaled, UNLIMITED);
    }
  });

  it('takes the share of the hits that the limit leaves', () => {
    // Of 1,000 lookups the sample stands for 750 hits without a limit and 375 with it: half of the 800 of the whole.
    const sample = {
      unlimited: resultOf({ misses: 25, lookupBytes: 2500, expiredKeys: 10 }),
      limited: resultOf({ misses: 62.5, lookupBytes: 6250, expiredKeys: 4, evictedKeys: 30 }),
    };
    assert.deepEqual(scaledUp(UNLIMITED, sample, OPTIONS), {
      misses: 600,
      missBytes: 60_000,
      evictedKeys: 300,
      expiredKeys: 32,
      oomErrors: 0,
    });
  });

  it('stays between no hits and all of them', () => {
    const sample = {
      unlimited: resultOf({ misses: 20 }),
      limited: resultOf({ misses: 130 }),
    };
    assert.equal(scaledUp(UNLIMITED, sample, OPTIONS).misses, 1000);
    const better = { unlimited: sample.unlimited, limited: resultOf({ misses: 19 }) };
    assert.equal(scaledUp(UNLIMITED, better, OPTIONS).misses, 200);
  });
});
