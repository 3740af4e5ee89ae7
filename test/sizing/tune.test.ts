import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { plan } from '../../src/replay/plan.ts';
import { Workers } from '../../src/replay/pool.ts';
import { DEFAULT_SETTINGS } from '../../src/replay/defaults.ts';
import { parseMaxmemory } from '../../src/replay/maxmemory.ts';
import { Simulator } from '../../src/sizing/simulator.ts';
import { tune } from '../../src/sizing/tune.ts';
import { generate } from '../../src/workload/generate.ts';
import { loadWorkload } from '../../src/workload/load.ts';

describe('tune', () => {
  const workers = new Workers({ jobs: 1 });
  after(() => workers.end());

  it('tries what matters to the policy, and tells that more samples are better up to a point', async () => {
    const trace = generate(await loadWorkload('zipf-1.2', { requests: 40_000 }));
    const { signal } = new AbortController();
    const simulator = new Simulator(trace, {
      workers,
      signal,
      seed: 1,
      warmupRows: 20_000,
      exact: false,
    });
    const [{ cell }] = plan([trace], {
      servers: ['redis-7.2'],
      allocator: undefined,
      policies: ['allkeys-lru'],
      maxmemory: [parseMaxmemory('20%', '')],
      seeds: [1],
      settings: DEFAULT_SETTINGS,
      warmupRows: () => 20_000,
      timelineIntervalMs: () => 0,
    });
    const tunings = await tune(simulator, cell);
    assert.deepEqual(
      tunings.map(({ setting }) => setting),
      ['maxmemory-samples', 'maxmemory-eviction-tenacity'],
    );
    const [{ trials, enough }] = tunings;
    assert.ok(trials[0].value === 1 && trials[0].difference.mean < -0.005);
    assert.deepEqual(trials.find(({ isCurrent }) => isCurrent)!.difference.mean, 0);
    assert.ok(enough.value >= 3);
  });
});
