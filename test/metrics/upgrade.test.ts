import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { upgradePaths } from '../../src/metrics/upgrade.ts';
import { table } from '../../src/report/table.ts';
import type { Cell, CellResult } from '../../src/replay/cell.ts';
import { someResult } from '../result.ts';

const PLAIN = { references: new Set<string>(), color: false };

/** One result per seed. */
function seeds(
  cell: Partial<Cell>,
  hits: number[],
  changes: Partial<CellResult> = {},
): CellResult[] {
  return hits.map((h, i) => someResult({ ...cell, seed: i + 1 }, h, changes));
}

const old = seeds({ server: 'redis-7.0' }, [500, 502, 501]);

describe('upgrade paths', () => {
  it('put the servers of one policy and limit side by side, in the order given', () => {
    const results = [
      ...old,
      ...seeds({ server: 'redis-7.0', policy: 'noeviction' }, [400, 400, 400]),
      ...seeds({ server: 'valkey-9.1' }, [520, 523, 521]),
      ...seeds({ server: 'valkey-9.1', policy: 'noeviction' }, [410, 410, 410]),
      ...seeds({ server: 'valkey-9.1', policy: 'allkeys-lfu' }, [1, 1, 1]),
    ];
    const paths = upgradePaths(results).map(({ cell, steps }) => [
      cell.policy,
      ...steps.map(({ server }) => server),
    ]);
    assert.deepEqual(paths, [
      ['allkeys-lru', 'redis-7.0', 'valkey-9.1'],
      ['noeviction', 'redis-7.0', 'valkey-9.1'],
    ]);
  });

  it('tell the difference to the first, and whether the seeds allow to', () => {
    const steps = (hits: number[]): [string, number][] =>
      upgradePaths([...old, ...seeds({ server: 'valkey-9.1' }, hits)])[0].steps.map((step) => [
        step.standing,
        Math.round((step.difference ?? NaN) * 1e6) / 1e6,
      ]);
    assert.deepEqual(steps([520, 522, 521]), [
      ['first', 0],
      ['different', 0.02],
    ]);
    assert.deepEqual(steps([501, 501, 502])[1], ['same', 0.000333]);
    assert.deepEqual(steps([520])[1], ['unknown', 0.019]);
  });

  it('count the bytes of keys without those of the empty server', () => {
    const changes = { keys: 100, usedMemoryBytes: 150_000, emptyMemoryBytes: 130_000 };
    const other = seeds({ server: 'valkey-9.1' }, [1], { ...changes, keys: 0 });
    const [path] = upgradePaths([...seeds({}, [1], changes), ...other]);
    assert.deepEqual(
      path.steps.map(({ bytesPerKey }) => bytesPerKey),
      [200, undefined],
    );
  });

  it('know allocators of one version apart, and other limits', () => {
    const q16 = seeds({ allocator: 'jemalloc-q16' }, [490, 491, 489]);
    const elsewhere = seeds({ server: 'redis-8.6', maxmemoryBytes: 6e6 }, [490, 491, 489]);
    const [path, ...others] = upgradePaths([...old, ...q16, ...elsewhere]);
    assert.deepEqual(others, []);
    assert.deepEqual(
      path.steps.map(({ server, allocator }) => `${server} ${allocator}`),
      ['redis-7.0 jemalloc-q8', 'redis-7.0 jemalloc-q16'],
    );
  });

  it('are a table of the report, and no table for one server', () => {
    const text = table.render([...old, ...seeds({ server: 'valkey-9.1' }, [520, 522, 521])], PLAIN);
    assert.match(text, /^w on every server \(maxmemory 4\.77 MB, 1,000 requests\)$/m);
    assert.match(text, /^allkeys-lru +redis-7\.0 q8 +17 +241176\.5 +50\.10 % +± 0\.25 %$/m);
    assert.match(text, /^ +valkey-9\.1 q8 .* \+2\.00 points +real$/m);
    assert.doesNotMatch(table.render(old, PLAIN), /every server/);
  });
});
