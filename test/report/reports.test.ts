import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RUN_COLUMNS } from '../../src/metrics/columns.ts';
import { REPORTS } from '../../src/report/registry.ts';
import { timelineCsv } from '../../src/report/timeline.ts';
import { someResult } from '../result.ts';

const OPTIONS = { references: new Set(['belady']), color: false };

function render(name: string, ...results: ReturnType<typeof someResult>[]): string {
  const report = REPORTS.find((r) => r.name === name);
  assert.ok(report !== undefined);
  return report.render(results, OPTIONS);
}

describe('the CSV report', () => {
  it('has the documented columns and a fixed number of decimals', () => {
    assert.equal(
      render('csv', someResult({ workload: 'a,b' }, 333)),
      'workload,server,allocator,policy,maxmemory_bytes,maxmemory_samples,lfu_log_factor,lfu_decay_time,seed,' +
        'requests,hits,misses,hit_ratio,byte_hit_ratio,evicted_keys,expired_keys,oom_errors,keys,' +
        'used_memory_bytes,peak_memory_bytes,elapsed_s,requests_per_s\n' +
        '"a,b",redis-7.0,jemalloc-q8,allkeys-lru,5000000,5,10,1,1,' +
        '1000,333,667,0.333000,0.333000,1234,0,0,17,4999000,5000100,0.012,81001\n',
    );
  });

  it('leaves ratios empty without lookups', () => {
    const row = render('csv', someResult({}, 0, { misses: 0, lookupBytes: 0 })).split('\n')[1];
    assert.match(row, /,0,0,,,1234,/);
  });
});

describe('the JSON report', () => {
  it('has the columns of the CSV, numbers as numbers, null for none, and the settings', () => {
    const [cell] = (
      JSON.parse(render('json', someResult({}, 0, { misses: 0 }))) as {
        cells: Record<string, unknown>[];
      }
    ).cells;
    assert.deepEqual(
      Object.keys(cell).slice(0, RUN_COLUMNS.length),
      RUN_COLUMNS.map((column) => column.name),
    );
    assert.equal(cell.hit_ratio, null);
    assert.equal(cell.keys, 17);
    assert.equal((cell.settings as { hz: number }).hz, 10);
  });
});

describe('the table report', () => {
  it('marks the best, judges the others, and sets the references apart', () => {
    const text = render(
      'table',
      ...[1, 2, 3].flatMap((seed) => [
        someResult({ policy: 'allkeys-lfu', seed }, 600 + seed),
        someResult({ policy: 'allkeys-lru', seed }, 600 + ((seed * 2) % 3)),
        someResult({ policy: 'noeviction', seed }, 400, { oomErrors: 7 }),
        someResult({ policy: 'belady', seed }, 700),
      ]),
    );
    const lines = text.split('\n').map((line) => line.replaceAll(/ +/g, ' ').trim());
    assert.match(lines[0], /^w \(redis-7\.0, jemalloc-q8, maxmemory 4\.77 MB, 1,000 requests\)$/);
    assert.match(lines[2], /^★ allkeys-lfu 60\.20 % ± 0\.25 % 1,234 0 0 17 4\.77 MB best$/);
    assert.match(lines[3], /^allkeys-lru 60\.10 % .* same as best$/);
    assert.match(lines[4], /^noeviction 40\.00 % ± 0\.00 % 1,234 0 7 .* refuses writes$/);
    assert.match(lines[5], /left on the table/);
    assert.match(lines[6], /^belady 70\.00 % .* \+9\.80 points$/);
    assert.ok(text.split('\n').every((line) => line.length <= 100));
  });

  it('says that one seed tells little', () => {
    const text = render('table', someResult({}, 500), someResult({ policy: 'noeviction' }, 400));
    assert.match(text, /One seed: .*--repeat/);
  });
});

describe('the timeline', () => {
  it('has one row per cell and interval, with the state at its end', () => {
    const point = { requests: 10, hits: 4, misses: 6, hitBytes: 0, lookupBytes: 0 };
    const counts = { evictedKeys: 1, expiredKeys: 2, oomErrors: 3, keys: 9, usedMemoryBytes: 99 };
    const csv = timelineCsv([
      someResult({}, 1, { timeline: [{ ...point, ...counts, timeMs: 500 }] }),
    ]);
    assert.equal(
      csv,
      'workload,server,allocator,policy,maxmemory_bytes,seed,time_ms,requests,hits,misses,hit_ratio,' +
        'evicted_keys,expired_keys,oom_errors,keys,used_memory_bytes\n' +
        'w,redis-7.0,jemalloc-q8,allkeys-lru,5000000,1,500,10,4,6,0.400000,1,2,3,9,99\n',
    );
  });
});
