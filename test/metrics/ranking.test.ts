import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { rankPolicies } from '../../src/metrics/ranking.ts';
import { someResult } from '../result.ts';

const REFERENCES = new Set(['belady']);

describe('rankPolicies', () => {
  it('groups by everything but policy and seed, in the order of the results', () => {
    const rankings = rankPolicies(
      [
        someResult({ workload: 'a' }, 500),
        someResult({ workload: 'b' }, 500),
        someResult({ workload: 'a', seed: 2 }, 510),
        someResult({ workload: 'a', maxmemoryBytes: 6_000_000 }, 600),
      ],
      REFERENCES,
    );
    assert.deepEqual(
      rankings.map((r) => [r.cell.workload, r.cell.maxmemoryBytes, r.server[0]?.results.length]),
      [
        ['a', 5_000_000, 2],
        ['b', 5_000_000, 1],
        ['a', 6_000_000, 1],
      ],
    );
  });

  it('sorts by hit ratio, policies that refuse writes last; the best is no reference', () => {
    const [ranking] = rankPolicies(
      [
        someResult({ policy: 'allkeys-lru' }, 500),
        someResult({ policy: 'noeviction' }, 700, { oomErrors: 3 }),
        someResult({ policy: 'allkeys-lfu' }, 600),
        someResult({ policy: 'belady' }, 900),
      ],
      REFERENCES,
    );
    assert.deepEqual(
      ranking.server.map((p) => [p.policy, p.standing]),
      [
        ['allkeys-lfu', 'best'],
        ['allkeys-lru', 'unknown'],
        ['noeviction', 'unknown'],
      ],
    );
    assert.deepEqual(
      ranking.references.map((p) => p.policy),
      ['belady'],
    );
  });

  it('is the best of all when every policy refused writes', () => {
    const [ranking] = rankPolicies(
      [
        someResult({ policy: 'noeviction' }, 700, { oomErrors: 3 }),
        someResult({ policy: 'volatile-lru' }, 600, { oomErrors: 1 }),
      ],
      REFERENCES,
    );
    assert.equal(ranking.best?.policy, 'noeviction');
  });

  it('says what the seeds can tell', () => {
    const series = (policy: string, hits: number[]): ReturnType<typeof someResult>[] =>
      hits.map((h, i) => someResult({ policy, seed: i }, h));
    const [ranking] = rankPolicies(
      [
        ...series('allkeys-lfu', [600, 610, 605]),
        ...series('allkeys-lru', [601, 606, 604]),
        ...series('allkeys-random', [500, 510, 505]),
      ],
      REFERENCES,
    );
    assert.deepEqual(
      ranking.server.map((p) => p.standing),
      ['best', 'same', 'different'],
    );
  });

  it('has no best without lookups', () => {
    const [ranking] = rankPolicies([someResult({}, 0, { misses: 0 })], REFERENCES);
    assert.equal(ranking.best, undefined);
    assert.equal(ranking.server[0]?.hitRatio, undefined);
  });
});
