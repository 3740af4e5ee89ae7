import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { parse } from 'csv-parse/sync';
import { evictlab } from '../cli/evictlab.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { parseSize } from '../../src/units.ts';

const SMALL = ['--requests', '10000', '--server', 'redis-7.2', '--jobs', '1'];

const path = temporaryFolder();

interface PrintedRam {
  readonly verified: { readonly maxmemory_bytes: number };
  readonly ram: {
    readonly total_bytes: number;
    readonly parts: readonly { readonly name: string; readonly bytes: number }[];
    readonly snapshot: {
      readonly typical_copied_bytes: number;
      readonly worst_copied_bytes: number;
      readonly seconds: number;
    };
    readonly platforms: readonly unknown[];
  };
}

async function ramAt(megabytesPerSecond: string): Promise<PrintedRam> {
  const { stdout } = await evictlab([
    ...['size', 'zipf-1.2', ...SMALL, '--policy', 'allkeys-lru', '--target-hit-ratio', '60%'],
    ...['--snapshot-mb-per-s', megabytesPerSecond, '--output-format', 'json'],
  ]);
  return (JSON.parse(stdout) as { servers: PrintedRam[] }).servers[0];
}

/** Of `5.2 MB`, as formatBytes writes it. */
const bytesOf = (text: string): number =>
  Number.parseFloat(text) *
  { B: 1, KB: 2 ** 10, MB: 2 ** 20 }[text.split(' ')[1] as 'B' | 'KB' | 'MB'];

describe('evictlab size', () => {
  it('says of a rule for TTLs that no key fits it', async () => {
    const { code, stderr } = await evictlab([
      ...['size', 'uniform', ...SMALL, '--policy', 'allkeys-lru', '--maxmemory', '2mb'],
      ...['--ttl', 'nokey*=5m', '--ttl', '*=1h', '--output-format', 'csv'],
    ]);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /^--ttl: "nokey\*" .* no key of uniform/);
    assert.equal(stderr.trimEnd().split('\n').length, 1);
  });

  it('answers a target with what a whole run reaches, and what to paste', async () => {
    const out = path('points.csv');
    const args = ['size', 'zipf-1.2', ...SMALL, '--policy', 'allkeys-lru,allkeys-random'];
    const { code, stdout } = await evictlab([...args, '--target-hit-ratio', '60%', '--out', out]);
    assert.equal(code, 0);
    const limit = /^maxmemory (\d+kb)$/m.exec(stdout)?.[1];
    const policy = /^maxmemory-policy (\S+)$/m.exec(stdout)?.[1];
    assert.ok(limit !== undefined && policy !== undefined, stdout);
    const run = [
      'run',
      'zipf-1.2',
      '--requests',
      '10000',
      '--server',
      'redis-7.2',
      '--warmup',
      '50%',
    ];
    const checked = await evictlab([
      ...run,
      '--policy',
      policy,
      '--maxmemory',
      limit,
      '--output-format',
      'csv',
    ]);
    const [row] = parse<Record<string, string>>(checked.stdout, { columns: true });
    assert.ok(Number(row.hit_ratio) >= 0.6, row.hit_ratio);
    const points = parse<Record<string, string>>(await readFile(out, 'utf8'), { columns: true });
    assert.ok(points.length >= 8);
    assert.ok(
      points.every((point) => Number(point.hit_ratio) > 0 && point.maxmemory_samples === '5'),
    );
  });

  it('says why a target is out of reach, with exit code 1', async () => {
    const { code, stdout, stderr } = await evictlab([
      'size',
      'uniform',
      ...SMALL,
      '--policy',
      'allkeys-random',
      '--target-hit-ratio',
      '0.99',
      '--output-format',
      'table',
    ]);
    assert.equal(code, 1);
    assert.match(stdout, /Unreachable: .* first request of their key/);
    assert.match(stdout, /^RAM to provide: left out, as no whole run has confirmed/m);
    assert.match(stderr, /--target-hit-ratio 0\.99: not reached/);
  });

  it('has the same points in its JSON, with the knee as the answer to no question', async () => {
    const { code, stdout } = await evictlab([
      'size',
      'zipf-1.2',
      ...SMALL,
      '--policy',
      'allkeys-lru',
      '--no-verify',
      '--output-format',
      'json',
    ]);
    assert.equal(code, 0);
    const { servers } = JSON.parse(stdout) as {
      servers: {
        answers: { reachable: boolean; maxmemory_bytes: number }[];
        points: unknown[];
        ram: unknown;
      }[];
    };
    assert.equal(servers.length, 1);
    assert.ok(
      servers[0].answers.every(
        ({ reachable, maxmemory_bytes }) => reachable && maxmemory_bytes > 0,
      ),
    );
    assert.ok(servers[0].points.length >= 8);
    assert.equal(servers[0].ram, null, 'nothing is confirmed');
  });

  it('ends with the RAM to provide, part by part, as settings, and last what to paste', async () => {
    const { code, stdout, stderr } = await evictlab([
      ...['size', 'zipf-1.2', ...SMALL, '--policy', 'allkeys-lru', '--target-hit-ratio', '60%'],
      ...['--platforms', '--snapshot-mb-per-s', '1', '--output-format', 'table'],
    ]);
    assert.equal(code, 0, stderr);
    const total = bytesOf(/^RAM to provide for a full server: (.+)$/m.exec(stdout)![1]);
    const rows = [...stdout.matchAll(/^ {2}(\S.*?) {2,}([\d.]+ [KM]?B) {2}\S/gm)];
    assert.deepEqual(
      rows.map(([, name]) => name),
      ['maxmemory', 'fragmentation', 'process', 'copy-on-write', 'child'],
    );
    const sum = rows.reduce((bytes, [, , text]) => bytes + bytesOf(text), 0);
    // Figures have three digits.
    assert.ok(Math.abs(sum / total - 1) < 0.01, stdout);
    const limit = parseSize(/^maxmemory (\d+kb)$/m.exec(stdout)![1], 'maxmemory');
    assert.ok(Math.abs(bytesOf(rows[0][2]) / limit - 1) < 0.01, stdout);
    const mebibytes = Number(/^ {4}memory: (\d+)Mi$/m.exec(stdout)![1]);
    assert.ok(Math.abs(mebibytes - total / 2 ** 20) <= 1, stdout);
    assert.match(stdout, /A save of a full server takes [\d.]+ s and copies/);
    assert.match(stdout, /values\.yaml[^#]*# evictlab size .*\n(#.*\n)+(maxmemory.*\n)+$/);
  });

  it('has the RAM to provide in its JSON, to the byte, and the faster a save the less', async () => {
    const [slow, fast] = await Promise.all(['1', '100'].map((rate) => ramAt(rate)));
    const { maxmemory_bytes: limit } = slow.verified;
    for (const { ram } of [slow, fast]) {
      assert.equal(
        ram.total_bytes,
        ram.parts.reduce((sum, { bytes }) => sum + bytes, 0),
      );
      assert.deepEqual([ram.parts[0].name, ram.parts[0].bytes], ['maxmemory', limit]);
      assert.ok(ram.snapshot.worst_copied_bytes >= ram.snapshot.typical_copied_bytes);
      assert.deepEqual(ram.platforms, []);
    }
    assert.ok(slow.ram.snapshot.seconds > 50 * fast.ram.snapshot.seconds);
    assert.ok(slow.ram.total_bytes > fast.ram.total_bytes);
  });

  for (const { args, says } of [
    { args: ['--platforms', '--no-verify'], says: /--platforms: .* leave --no-verify out/ },
    { args: ['--stream'], says: /has no --stream.*evictlab run uniform --stream --maxmemory/ },
    { args: ['--snapshot-mb-per-s', '9', '--maxmemory', '5mb'], says: /leave --maxmemory out/ },
    { args: ['--snapshot-mb-per-s', '0'], says: /--snapshot-mb-per-s: "0" is not a whole number/ },
    { args: ['--target-hit-ratio', '95'], says: /"95" is not a hit ratio .* Did you mean 95%\?/ },
    { args: ['--target-hit-ratio', '0'], says: /"0" is not a hit ratio above 0/ },
    { args: ['--target-hit-ratio', '1.01'], says: /"1\.01" is not a hit ratio/ },
    { args: ['--max-misses-per-s', '-3'], says: /"-3" is not a number of 0 or more/ },
    { args: ['--maxmemory', '10%', '--target-hit-ratio', '0.9'], says: /give one of them/ },
    { args: ['--maxmemory', '0'], says: /0 is no size/ },
    { args: ['--maxmemory', '100kb'], says: /an empty redis-\S+ with one client uses/ },
    { args: ['--policy', 'volatile-lru'], says: /no key of uniform ever gets a TTL/ },
    { args: ['--requests', '900'], says: /450 requests after the warm-up are too few/ },
    { args: ['--requests', '2'], says: /1 request after the warm-up is too few/ },
  ]) {
    it(`refuses ${args.join(' ')}`, async () => {
      const requests = args.includes('--requests') ? [] : ['--requests', '5000'];
      const { code, stdout, stderr } = await evictlab(['size', 'uniform', ...requests, ...args]);
      assert.equal(code, 2);
      assert.equal(stdout, '');
      assert.match(stderr, says);
      assert.equal(stderr.trimEnd().split('\n').length, 1);
    });
  }

  it('refuses a hit ratio of a workload without lookups', async () => {
    const { code, stderr } = await evictlab([
      'size',
      'twitter-cluster-15',
      '--requests',
      '5000',
      '--target-hit-ratio',
      '0.5',
    ]);
    assert.equal(code, 2);
    assert.match(stderr, /looks no key up/);
  });

  it('keeps what is finished when interrupted', async () => {
    const out = path('interrupted.csv');
    const args = ['size', 'zipf-0.99', '--requests', '500000', '--jobs', '1', '--out', out];
    const { code, stdout, stderr } = await evictlab(args, {
      // The first thing it says is said when the workload is there and the work begins.
      during: (child) => child.stderr!.once('data', () => child.kill('SIGINT')),
    });
    assert.equal(code, 130);
    assert.match(stderr, /interrupted: \d+ points of the curves finished/);
    assert.equal(stdout, '');
  });
});
