import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { parse } from 'csv-parse/sync';
import { runProgram } from '../../src/cli/program.ts';
import { UsageError } from '../../src/errors.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { evictlab, type Ran } from './evictlab.ts';
import { SMALL_LIMIT, writeSmallTrace } from './small-trace.ts';

const inFolder = temporaryFolder();
const cwd = inFolder('.');
writeSmallTrace(inFolder('t.csv'));

const LRU = ['--policy', 'allkeys-lru', '--maxmemory', SMALL_LIMIT];
const SERVERS = 'debian-12,redis-7.0,valkey-9.1';

const search = (...args: string[]): Promise<Ran> =>
  evictlab(['run', 't.csv', '--equal-hit-ratio', ...args], { cwd });

async function rowsOf(...args: string[]): Promise<Record<string, string>[]> {
  const { code, stdout, stderr } = await search(...args, '--output-format', 'csv');
  assert.equal(code, 0, stderr);
  return parse(stdout, { columns: true });
}

describe('evictlab run --equal-hit-ratio', () => {
  it('finds a maxmemory that gives the hit ratio of the first server, and one just below that does not', async () => {
    const rows = await rowsOf('--server', SERVERS, ...LRU, '--repeat', '2');
    assert.deepEqual(
      rows.map((row) => [row.server, row.allocator, row.seed, row.state]),
      [
        ['redis-7.0', 'jemalloc-q8', '1', 'found'],
        ['valkey-9.1', 'jemalloc-q8', '1', 'found'],
        ['redis-7.0', 'jemalloc-q8', '2', 'found'],
        ['valkey-9.1', 'jemalloc-q8', '2', 'found'],
      ],
    );
    for (const row of rows) {
      assert.deepEqual([row.first_server, row.first_allocator], ['redis-7.0', 'jemalloc-q16']);
      const [enough, short] = [Number(row.maxmemory_bytes), Number(row.short_maxmemory_bytes)];
      assert.ok(short < enough && enough - short <= 0.002 * enough, JSON.stringify(row));
    }
    const [row] = rows;
    const limits = `${row.maxmemory_bytes},${row.short_maxmemory_bytes}`;
    const build = ['--server', row.server, '--policy', row.policy, '--seed', row.seed];
    const ran = await evictlab(
      ['run', 't.csv', ...build, '--maxmemory', limits, '--output-format', 'csv'],
      { cwd },
    );
    const [enough, short]: Record<string, string>[] = parse(ran.stdout, { columns: true });
    assert.equal(enough.hit_ratio, row.hit_ratio);
    assert.ok(enough.hit_ratio >= row.first_hit_ratio && short.hit_ratio < row.first_hit_ratio);
    // Smaller entries need less.
    assert.ok(Number(rows[0].maxmemory_bytes) < Number(rows[0].first_maxmemory_bytes));
  });

  it('shows a table, writes CSV or JSON, and gives the same with one worker and two', async () => {
    const args = ['--server', SERVERS, ...LRU, '--repeat', '2', '--out'];
    const [one, two] = await Promise.all([
      search(...args, 'one.json', '--jobs', '1'),
      search(...args, 'two.json', '--jobs', '2'),
    ]);
    assert.equal(one.code, 0, one.stderr);
    assert.equal(one.stdout, two.stdout);
    assert.match(one.stdout, /^t: maxmemory for the hit ratio of redis-7\.0 q16 with /m);
    assert.match(one.stdout, /^allkeys-lru +redis-7\.0 q16 +[\d.]+ .B +[\d.]+ % +[\d,]+$/m);
    assert.match(
      one.stdout,
      /^ +redis-7\.0 q8 +[\d.]+ .B +[\d.]+ K?B +−\d+\.\d % +[\d.]+ % +[\d,]+$/m,
    );
    assert.match(one.stdout, /^Means over 2 seeds/m);
    assert.match(
      one.stderr,
      /debian-12 is redis-7\.0 with jemalloc-q16: .*\n.*Wrote one\.json \(4 rows\)/s,
    );
    const json = readFileSync(inFolder('one.json'), 'utf8');
    assert.equal(json, readFileSync(inFolder('two.json'), 'utf8'));
    const { searches } = JSON.parse(json) as { searches: Record<string, unknown>[] };
    assert.equal(typeof searches[0].maxmemory_bytes, 'number');
  });

  it('compares the policies that both have', async () => {
    const all = ['--server', 'redis-8.6,redis-8.0', '--policy', 'all', '--maxmemory', SMALL_LIMIT];
    const policies = (await rowsOf(...all, '--requests', '1500')).map((row) => row.policy);
    assert.equal(policies.length, 8);
    assert.ok(!policies.includes('allkeys-lrm'));
  });

  it('is interrupted by Ctrl-C, with what was found kept', async () => {
    const { code, stderr } = await evictlab(
      [
        'run',
        't.csv',
        '--equal-hit-ratio',
        '--server',
        SERVERS,
        ...LRU,
        '--repeat',
        '3000',
        '--out',
        'kept.csv',
        '--jobs',
        '1',
      ],
      {
        cwd,
        during: (child) => {
          setTimeout(() => child.kill('SIGINT'), 4000);
        },
      },
    );
    assert.equal(code, 130, stderr);
    // How far it got is a matter of the machine.
    const told = /interrupted: (\d+) of 6000 searches finished(, kept in kept\.csv)?\./.exec(
      stderr,
    );
    assert.ok(told !== null && Number(told[1]) < 6000, stderr);
    assert.equal(existsSync(inFolder('kept.csv')), Number(told[1]) > 0);
    if (Number(told[1]) === 0) return;
    const lines = readFileSync(inFolder('kept.csv'), 'utf8').trimEnd().split('\n');
    assert.equal(lines.length - 1, Number(told[1]));
  });
});

/** Exit code 2, and what stderr says. */
const mistakes: readonly [string, RegExp][] = [
  ['', /compares servers, got none\. Name two or more/],
  ['--server redis-7.0', /compares servers, got only redis-7\.0/],
  ['--server redis-7.0,redis-7.0.15', /one and the same/],
  ['--server redis-7.0,valkey-9.1 --maxmemory 0', /--maxmemory 0 is no limit/],
  [
    '--server redis-7.0,valkey-9.1 --maxmemory 1gb --policy allkeys-lru',
    /never comes to --maxmemory/,
  ],
  ['--server redis-7.0,valkey-9.1 --assert hits>=1', /--assert is about single runs/],
  ['--server redis-7.0,valkey-9.1 --timeline x.csv', /--timeline is about single runs/],
  ['--server redis-8.6,valkey-9.1 --policy allkeys-lrm', /valkey-9\.1 has no policy/],
  ['--server redis-7.0,debain-12', /Did you mean "debian-12"/],
];

describe('bad input to --equal-hit-ratio', () => {
  for (const [line, message] of mistakes) {
    it(line === '' ? 'no server' : line, async () => {
      const more = line.split(' ').filter((word) => word !== '');
      const args = [
        'run',
        inFolder('t.csv'),
        '--equal-hit-ratio',
        '--quiet',
        '--out',
        '-',
        ...more,
      ];
      await assert.rejects(runProgram(args, new AbortController().signal), (error: Error) => {
        assert.ok(error instanceof UsageError, error.stack);
        assert.match(error.message, message);
        return true;
      });
    });
  }
});
