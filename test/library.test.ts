import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  DEFAULT_SERVER,
  generate,
  loadWorkload,
  parseMaxmemory,
  plan,
  rankPolicies,
  runCells,
} from '../src/index.ts';
import { someCell } from './result.ts';

describe('the library', () => {
  it('goes from a workload to a ranking without the command line', async () => {
    const trace = generate(await loadWorkload('zipf-0.99', { requests: 5000 }));
    const cells = plan([trace], {
      servers: [DEFAULT_SERVER],
      allocator: undefined,
      policies: ['allkeys-lru', 'allkeys-random'],
      maxmemory: [parseMaxmemory('25%', 'maxmemory')],
      seeds: [1, 2],
      settings: someCell(),
      warmupRows: () => 0,
      timelineIntervalMs: () => 0,
    });
    const outcomes = await runCells(cells, { jobs: 2 });
    const results = outcomes.flatMap((o) => (o.state === 'done' ? [o.result] : []));
    const [ranking] = rankPolicies(results, new Set());
    assert.equal(ranking.best?.policy, 'allkeys-lru');
    assert.equal(ranking.cell.workload, 'zipf-0.99');
  });
});
