import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { Arguments } from '../../src/cli/arguments.ts';
import { sweepOf } from '../../src/cli/settings.ts';
import { traceStoreOf } from '../../src/cli/stream.ts';
import { UsageError } from '../../src/errors.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { evictlab, type Ran, type SpawnOptions } from './evictlab.ts';
import { writeSmallTrace } from './small-trace.ts';

const inFolder = temporaryFolder();
const cwd = inFolder('.');
const spools = inFolder('spools');
mkdirSync(spools);
writeSmallTrace(inFolder('t.csv'));
writeFileSync(inFolder('z.csv.gz'), gzipSync(readFileSync(inFolder('t.csv'))));

const run = (args: readonly string[], options: SpawnOptions = {}): Promise<Ran> =>
  evictlab(['run', ...args], { cwd, ...options });

/** The same in memory and from disk. */
async function both(...args: readonly string[]): Promise<{ memory: Ran; disk: Ran }> {
  const memory = await run(args);
  const disk = await run([...args, '--stream', '--stream-dir', spools]);
  assert.equal(disk.code, memory.code, disk.stderr);
  assert.deepEqual(readdirSync(spools), []);
  return { memory, disk };
}

/** A busy machine may not have come far enough by the first of these. */
const DELAYS_MS = [1500, 8000, 32_000];

/** What a run leaves behind that is interrupted once it runs and, if that is awaited, can say so. */
async function interrupted(args: readonly string[], awaited: string): Promise<Ran> {
  let ran: Ran | undefined;
  for (const delayMs of DELAYS_MS) {
    ran = await run(args, {
      during: (child) => {
        setTimeout(() => child.kill('SIGINT'), delayMs);
      },
    });
    if (ran.code !== null && ran.stderr.includes(awaited)) break;
  }
  assert.ok(ran);
  return ran;
}

/** What was said, but for the warning where the temporary folder is itself in memory. */
const said = ({ stderr }: Ran): string => stderr.replaceAll(/^.*\(tmpfs\).*\n/gm, '');

/** Without elapsed_s and requests_per_s. */
const reproducible = (csv: string): string => csv.replaceAll(/,[^,\n]*,[^,\n]*$/gm, '');

describe('run --stream', () => {
  for (const [what, args] of [
    [
      'workloads and traces, plain and compressed, of which two would have one name',
      ['mixed-ttl', 't.csv', 'z.csv.gz', `${cwd}/t.csv`, '--requests', '2500', '--seed', '1,2'],
    ],
    [
      'several servers and limits, and a warm-up',
      ['t.csv', '--maxmemory', '20%,2mb', '--warmup', '10%', '--server', 'redis-7.0,valkey-9.1'],
    ],
  ] as const) {
    it(`writes the bytes of a run in memory: ${what}`, async () => {
      const options = ['--policy', 'allkeys-lru,volatile-ttl,sieve', '--timeline', 'tl.csv'];
      const run = async (...more: readonly string[]): Promise<Ran & { timeline: string }> => {
        const ran = await evictlab(['run', ...args, ...options, ...more], { cwd });
        assert.equal(ran.code, 0, ran.stderr);
        return { ...ran, timeline: readFileSync(inFolder('tl.csv'), 'utf8') };
      };
      const memory = await run('--output-format', 'csv');
      const disk = await run('--output-format', 'csv', '--stream', '--stream-dir', spools);
      assert.ok(memory.timeline.split('\n').length > 100);
      assert.equal(disk.timeline, memory.timeline);
      assert.equal(reproducible(disk.stdout), reproducible(memory.stdout));
      assert.equal(said(disk), memory.stderr);
      assert.deepEqual(readdirSync(spools), []);
    });
  }

  it('compares servers as in memory', async () => {
    const pair = ['--server', 'redis-7.0,valkey-9.1', '--equal-hit-ratio', '--out', '-'];
    const { memory, disk } = await both('t.csv', '--policy', 'allkeys-lru', '--quiet', ...pair);
    assert.equal(memory.code, 0, memory.stderr);
    assert.equal(disk.stdout, memory.stdout);
  });

  it('says of bad input what a run in memory says', async () => {
    const rows = readFileSync(inFolder('t.csv'), 'utf8');
    writeFileSync(inFolder('bad.csv'), `${rows}30000,get,key:1,many,\n`);
    const { memory, disk } = await both('bad.csv', '--policy', 'noeviction', '--quiet');
    assert.equal(memory.code, 2);
    assert.match(memory.stderr, /bad\.csv:6002: value_bytes/);
    assert.equal(said(disk), memory.stderr);
  });

  it('refuses what it can not do', () => {
    for (const [given, message] of [
      [
        { stream: true, policy: ['reference'] },
        /^--stream: belady must know .*\(--policy lru,lfu,fifo,s3-fifo,sieve,w-tinylfu\)/,
      ],
      [{ stream: true, 'save-trace': 'x.csv' }, /^--save-trace needs the trace in memory/],
      [{ 'stream-dir': spools }, /add --stream/],
    ] as const) {
      const args = new Arguments(given);
      assert.throws(
        () => traceStoreOf(args, sweepOf(args, new Map()), () => undefined),
        (error) => error instanceof UsageError && message.test(error.message),
      );
    }
  });

  it('ends with a line and exit code 2 where it can not write, or is not known', async () => {
    const { code, stderr, stdout } = await run(['t.csv', '--stream', '--stream-dir', 'none']);
    assert.deepEqual([code, stdout], [2, '']);
    assert.match(stderr, /: none: no place for a streamed trace \(ENOENT: [^,]+\)\. Name .*\n$/);
    const other = await evictlab(['size', 't.csv', '--stream'], { cwd });
    assert.equal(other.code, 2);
    assert.match(
      other.stderr,
      /size draws samples of the keys from a trace in memory .* has no --stream/,
    );
  });

  it('leaves nothing on disk when interrupted, while it makes the trace or replays it', async () => {
    const making = ['zipf-0.99', '--requests', '2000000000'];
    const replaying = ['t.csv', '--repeat', '10000', '--jobs', '1', '--out', 'kept.csv'];
    for (const args of [making, replaying]) {
      const { code, stderr } = await interrupted(
        [...args, '--policy', 'allkeys-random', '--stream', '--stream-dir', spools, '--quiet'],
        args === replaying ? 'kept in kept.csv' : '',
      );
      // A disk that has no room for such a trace is told at once.
      if (code === 2) assert.match(stderr, /no room for a streamed trace/);
      else assert.equal(code, 130, stderr);
      assert.deepEqual(readdirSync(spools), []);
    }
    assert.ok(readFileSync(inFolder('kept.csv'), 'utf8').split('\n').length > 2);
  });
});

describe('the memory of run --stream', () => {
  const REQUESTS = 8_000_000;
  const REPORT =
    'process.on("exit",()=>process.stderr.write(`maxRSS=${process.resourceUsage().maxRSS}\\n`))';
  writeFileSync(
    inFolder('few-keys.yaml'),
    'description: few keys\nrequests: 1\nkeys: { count: 1000 }\npopularity: { distribution: uniform }\n' +
      'values: { distribution: fixed, value: 100 }\n',
  );

  async function peakBytes(...more: readonly string[]): Promise<number> {
    const args = [
      'few-keys.yaml',
      '--requests',
      String(REQUESTS),
      '--policy',
      'noeviction',
      '--maxmemory',
      '0',
    ];
    const { code, stderr } = await run([...args, '--quiet', ...more], {
      env: { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(REPORT)}` },
    });
    assert.equal(code, 0, stderr);
    const peaks = [...stderr.matchAll(/maxRSS=(\d+)/g)].map(([, kilobytes]) => Number(kilobytes));
    return Math.max(...peaks) * 1024;
  }

  it('does not grow with the requests, as that of a run in memory does', async () => {
    const memory = await peakBytes();
    const disk = await peakBytes('--stream', '--stream-dir', spools);
    // Of what the trace takes in memory, three chunks of a million rows are left: the generator's, its window, the worker's.
    const saved = memory - disk;
    assert.ok(saved > (17 * REQUESTS) / 3, `${disk} bytes from disk, ${memory} in memory`);
  });
});
