import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { parse } from 'csv-parse/sync';
import { POLICIES } from '../../src/policies/registry.ts';
import { DEFAULT_SERVER, serverNamed } from '../../src/servers/registry.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { evictlab, type Ran } from './evictlab.ts';
import { SMALL_LIMIT, writeSmallTrace } from './small-trace.ts';

const inFolder = temporaryFolder();
const cwd = inFolder('.');
writeSmallTrace(inFolder('t.csv'));

/** The contract of the command line; scripts rely on every name and their order. */
const HEADER =
  'workload,server,allocator,policy,maxmemory_bytes,maxmemory_samples,lfu_log_factor,lfu_decay_time,seed,requests,' +
  'hits,misses,hit_ratio,byte_hit_ratio,evicted_keys,expired_keys,oom_errors,keys,used_memory_bytes,' +
  'peak_memory_bytes,elapsed_s,requests_per_s';

const ESCAPE = '\u001b[';

type Row = Readonly<Record<string, string>>;
const rowsOf = (csv: string): Row[] => parse(csv, { columns: true });

async function run(...args: string[]): Promise<Ran> {
  const ran = await evictlab(['run', ...args], { cwd });
  assert.equal(ran.code, 0, ran.stderr);
  return ran;
}

async function csvOf(...args: string[]): Promise<Row[]> {
  return rowsOf((await run(...args, '--output-format', 'csv')).stdout);
}

describe('evictlab run', () => {
  it('writes the documented CSV under results/ and a table on stdout', async () => {
    const { stdout, stderr } = await run('t.csv', '--maxmemory', SMALL_LIMIT);
    const csv = readFileSync(inFolder('results/run-t.csv'), 'utf8');
    assert.equal(csv.split('\n')[0], HEADER);
    const rows = rowsOf(csv);
    assert.deepEqual(
      rows.map((row) => row.policy).sort(),
      [...serverNamed(DEFAULT_SERVER).policies].sort(),
    );
    assert.match(stdout, /★ {2}\S+ +\d+\.\d\d %/);
    assert.ok(stderr.includes(`Wrote results/run-t.csv (${rows.length} rows)`), stderr);
    assert.ok(!(stdout + stderr).includes(ESCAPE), 'no colours in a pipe');
    assert.ok(
      stdout.split('\n').every((line) => line.length <= 100),
      stdout,
    );
  });

  it('counts what adds up', async () => {
    for (const row of await csvOf('t.csv', '--maxmemory', SMALL_LIMIT)) {
      const number = (name: string): number => Number(row[name]);
      assert.equal(number('requests'), 6000);
      assert.equal(number('hits') + number('misses'), 6000);
      assert.equal(row.hit_ratio, (number('hits') / 6000).toFixed(6));
      assert.match(row.byte_hit_ratio, /^0\.\d{6}$/);
      assert.match(row.elapsed_s, /^\d+\.\d{3}$/);
      if (row.policy === 'noeviction') assert.equal(number('evicted_keys'), 0);
      else if (row.policy.startsWith('allkeys')) assert.ok(number('evicted_keys') > 0);
      assert.ok(number('used_memory_bytes') <= number('peak_memory_bytes'));
    }
  });

  it('gives the same bytes with one worker and two, but for the two columns of time', async () => {
    const args = [
      't.csv',
      '--maxmemory',
      '10%,20%',
      '--policy',
      'allkeys-lru,allkeys-random',
      '--repeat',
      '2',
    ];
    const withoutTime = (rows: Row[]): string[][] =>
      rows.map((row) => Object.values(row).slice(0, 20));
    const [one, two] = await Promise.all([
      csvOf(...args, '--jobs', '1'),
      csvOf(...args, '--jobs', '2'),
    ]);
    assert.equal(one.length, 8);
    assert.deepEqual(withoutTime(one), withoutTime(two));
  });

  it('runs every seed once: listed, repeated, counted up', async () => {
    const seeds = async (...args: string[]): Promise<string[]> =>
      (await csvOf('t.csv', '--policy', 'allkeys-random', '--maxmemory', SMALL_LIMIT, ...args)).map(
        (r) => r.seed,
      );
    assert.deepEqual(await seeds('--seed', '7,3', '--seed', '7'), ['7', '3']);
    assert.deepEqual(await seeds('--seed', '9007199254740990', '--repeat', '2'), [
      '9007199254740990',
      '9007199254740991',
    ]);
  });

  it('runs all the policies, the references, or both', async () => {
    const count = (family: string): number => POLICIES.filter((p) => p.family === family).length;
    const rows = await csvOf('t.csv', '--policy', 'all,reference,allkeys-lru', '--requests', '500');
    assert.equal(rows.length, count('server') + count('reference'));
    assert.ok(rows.every((row) => row.requests === '500'));
  });

  it('takes maxmemory as bytes, as a share of the footprint, and 0 as no limit', async () => {
    const rows = await csvOf('t.csv', '--policy', 'noeviction', '--maxmemory', '64mb,120%,0');
    assert.deepEqual(
      rows.map((r) => r.maxmemory_bytes),
      ['67108864', rows[1].maxmemory_bytes, '0'],
    );
    assert.deepEqual(
      rows.map((r) => r.oom_errors),
      ['0', '0', '0'],
      'a whole footprint and some for rehashing',
    );
  });

  it('leaves the warm-up out of the counts', async () => {
    const [percent] = await csvOf(
      't.csv',
      '--policy',
      'noeviction',
      '--maxmemory',
      '0',
      '--warmup',
      '10%',
    );
    const [rows] = await csvOf(
      't.csv',
      '--policy',
      'noeviction',
      '--maxmemory',
      '0',
      '--warmup',
      '600',
    );
    assert.equal(percent.requests, '5400');
    assert.equal(rows.hits, percent.hits);
  });

  it('leaves hit_ratio empty without lookups', async () => {
    writeFileSync(inFolder('sets.csv'), 'time_ms,op,key,value_bytes\n0,set,a,5\n1,set,b,5\n');
    const { stdout } = await run('sets.csv', '--policy', 'allkeys-lru', '--output-format', 'csv');
    assert.deepEqual([rowsOf(stdout)[0].hit_ratio, rowsOf(stdout)[0].byte_hit_ratio], ['', '']);
    assert.match((await run('sets.csv', '--output-format', 'table')).stdout, /allkeys-lru +–/);
  });

  it('takes settings from a redis.conf, options first', async () => {
    writeFileSync(
      inFolder('redis.conf'),
      '# comment\nport 6379\ninclude "x.conf"\nMAXMEMORY "2mb"\nmaxmemory-policy allkeys-lfu\nlfu-log-factor 3\nmaxmemory-samples 7\n',
    );
    const args = [
      't.csv',
      '--redis-conf',
      'redis.conf',
      '--maxmemory-samples',
      '9',
      '--output-format',
      'csv',
    ];
    const { stdout, stderr } = await run(...args);
    const rows = rowsOf(stdout);
    assert.equal(rows.length, 1);
    const row = rows[0];
    assert.deepEqual(
      [row.policy, row.maxmemory_bytes, row.lfu_log_factor, row.maxmemory_samples],
      ['allkeys-lfu', '2097152', '3', '9'],
    );
    assert.match(stderr, /redis\.conf:3: include isn't followed/);
  });

  it('writes a timeline whose sums are the totals', async () => {
    await run(
      't.csv',
      '--policy',
      'allkeys-lru,noeviction',
      '--maxmemory',
      SMALL_LIMIT,
      '--timeline',
      'time.csv',
      '--out',
      'time-run.csv',
      '--quiet',
    );
    const totals = rowsOf(readFileSync(inFolder('time-run.csv'), 'utf8'));
    const points = rowsOf(readFileSync(inFolder('time.csv'), 'utf8'));
    for (const total of totals) {
      const own = points.filter((point) => point.policy === total.policy);
      assert.ok(own.length >= 99 && own.length <= 102, String(own.length));
      for (const column of [
        'requests',
        'hits',
        'misses',
        'evicted_keys',
        'expired_keys',
        'oom_errors',
      ]) {
        const sum = own.reduce((all, point) => all + Number(point[column]), 0);
        assert.equal(sum, Number(total[column]), column);
      }
      assert.equal(own.at(-1)!.keys, total.keys);
    }
  });

  it('says nothing on success when quiet, and writes JSON by the ending of the file', async () => {
    const { stdout, stderr } = await run(
      't.csv',
      '--policy',
      'allkeys-lru',
      '--out',
      'new/deep/r.json',
      '--quiet',
    );
    assert.equal(stdout + stderr, '');
    const { cells } = JSON.parse(readFileSync(inFolder('new/deep/r.json'), 'utf8')) as {
      cells: Record<string, unknown>[];
    };
    assert.equal(cells.length, 1);
    assert.deepEqual(Object.keys(cells[0]).slice(0, 22), HEADER.split(','));
    assert.equal(typeof cells[0].hit_ratio, 'number');
  });

  it('saves a generated trace that replays to the same results', async () => {
    const args = ['--policy', 'noeviction', '--maxmemory', '0', '--output-format', 'csv'];
    const generated = await run(
      'zipf-0.99',
      '--requests',
      '3000',
      '--save-trace',
      'saved.csv.gz',
      ...args,
    );
    const replayed = await run('saved.csv.gz', ...args);
    const same = (csv: string): unknown[] => {
      const row = rowsOf(csv)[0];
      return ['hits', 'misses', 'requests', 'keys', 'used_memory_bytes'].map(
        (column) => row[column],
      );
    };
    assert.deepEqual(same(replayed.stdout), same(generated.stdout));
    assert.ok(existsSync(inFolder('saved.csv.gz')));
  });

  it('keeps sources of the same name apart', async () => {
    const { mkdirSync, copyFileSync } = await import('node:fs');
    mkdirSync(inFolder('v2'));
    copyFileSync(inFolder('t.csv'), inFolder('v2/t.csv'));
    const rows = await csvOf('t.csv', 'v2/t.csv', '--policy', 'noeviction');
    assert.deepEqual(
      rows.map((row) => row.workload),
      ['t.csv', 'v2/t.csv'],
    );
  });

  it('colours the table when asked to, not with --no-color', async () => {
    const args = ['t.csv', '--requests', '300', '--output-format', 'table', '--color'];
    assert.ok((await run(...args)).stdout.includes(ESCAPE));
    assert.ok(!(await run(...args, '--no-color')).stdout.includes(ESCAPE));
  });

  it('shows means, a confidence interval and what the seeds can tell', async () => {
    const { stdout } = await run(
      't.csv',
      '--maxmemory',
      SMALL_LIMIT,
      '--repeat',
      '3',
      '--output-format',
      'table',
    );
    assert.match(stdout, /95 % CI/);
    assert.match(stdout, /± 0\.\d\d/);
    assert.match(stdout, /Means over 3 seeds/);
    assert.ok(
      stdout.split('\n').every((line) => line.length <= 100),
      stdout,
    );
  });
});
