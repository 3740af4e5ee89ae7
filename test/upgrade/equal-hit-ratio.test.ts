import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PlannedCell } from '../../src/replay/plan.ts';
import { EQUAL_HIT_RATIO_REPORTS } from '../../src/report/equal-hit-ratio.ts';
import { allocateTrace } from '../../src/trace/trace.ts';
import { equalHitRatios, searchesOf } from '../../src/upgrade/equal-hit-ratio.ts';
import { someCell } from '../result.ts';

const trace = allocateTrace('w', 1, 1);
const worker = new URL('linear-worker.js', import.meta.url);

/** Every server under every policy, the first one first. */
function planned(servers: string[], policies: string[], maxmemoryBytes = 5e6): PlannedCell[] {
  return servers.flatMap((server) =>
    policies.map((policy) => ({ trace, cell: someCell({ server, policy, maxmemoryBytes }) })),
  );
}

const LRU = ['allkeys-lru'];

describe('equal hit ratios', () => {
  it('are found on both sides of the limit given', async () => {
    const searches = searchesOf(
      planned(['redis-7.0', 'redis-8.0', 'valkey-9.1', 'redis-5.0'], LRU),
    );
    const outcomes = await equalHitRatios(searches, { jobs: 2, worker });
    // The first has 400 hits: 1 MB and 4 MB, at 100 a megabyte.
    const expected: [string, number][] = [
      ['redis-8.0', 4.2e6],
      ['valkey-9.1', 6e6],
    ];
    for (const [i, [server, bytes]] of expected.entries()) {
      const outcome = outcomes[i];
      assert.ok(outcome.state === 'done');
      const { later, shortBytes, state } = outcome.found;
      assert.equal(state, 'found');
      assert.equal(later?.cell.server, server);
      assert.ok(later.cell.maxmemoryBytes >= bytes && later.cell.maxmemoryBytes <= 1.002 * bytes);
      assert.ok(shortBytes !== undefined && shortBytes < bytes && shortBytes >= 0.998 * bytes);
    }
    assert.deepEqual(
      outcomes.map((o) => (o.state === 'done' ? o.found.state : o.state)),
      ['found', 'found', 'unreachable'],
    );
    const found = outcomes.flatMap((o) => (o.state === 'done' ? [o.found] : []));
    const text = EQUAL_HIT_RATIO_REPORTS.table(found, false);
    assert.match(text, /valkey-9\.1 q8 +5\.7. MB +[\d.]+ KB +\+20\.\d % +40\.\d\d %/);
    assert.match(text, /redis-5\.0 q8 +not reached, whatever the memory/);
    const csv = EQUAL_HIT_RATIO_REPORTS.csv(found, false).split('\n');
    assert.match(csv[3], /redis-5\.0,jemalloc-q8,unreachable,,,,$/);
  });

  it('are not searched where the first server has no limit, or no lookups', async () => {
    const states = async (policy: string, maxmemoryBytes: number): Promise<string[]> => {
      const searches = searchesOf(planned(['redis-7.0', 'redis-8.0'], [policy], maxmemoryBytes));
      const outcomes = await equalHitRatios(searches, { jobs: 1, worker });
      return outcomes.map((o) => (o.state === 'done' ? o.found.state : o.state));
    };
    assert.deepEqual(await states('allkeys-lru', 20e6), ['unlimited']);
    assert.deepEqual(await states('noeviction', 5e6), ['no-lookups']);
  });

  it('fail alone, and stop when told to', async () => {
    const searches = searchesOf(
      planned(['redis-7.0', 'redis-8.0', 'valkey-9.1'], ['volatile-ttl', ...LRU]),
    );
    const stop = new AbortController();
    const failed = await equalHitRatios(searches, { jobs: 2, worker });
    assert.deepEqual(
      failed.map(({ state }) => state),
      ['failed', 'done', 'done', 'done'],
    );
    stop.abort();
    const skipped = await equalHitRatios(searches, { jobs: 2, worker, signal: stop.signal });
    assert.ok(skipped.every(({ state }) => state === 'skipped'));
  });

  it('take only policies that the first server has', () => {
    const cells = [
      ...planned(['redis-7.0'], LRU),
      ...planned(['redis-8.6', 'redis-8.0'], ['allkeys-lru', 'allkeys-lrm']),
    ];
    assert.deepEqual(
      searchesOf(cells).map(({ later }) => `${later.cell.server} ${later.cell.policy}`),
      ['redis-8.6 allkeys-lru', 'redis-8.0 allkeys-lru'],
    );
  });
});
