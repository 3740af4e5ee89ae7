import assert from 'node:assert/strict';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse } from 'csv-parse/sync';
import { runProgram } from '../../src/cli/program.ts';
import { UsageError } from '../../src/errors.ts';
import { DEFAULT_SERVER } from '../../src/servers/registry.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { evictlab, type Ran } from '../cli/evictlab.ts';
import { SMALL_LIMIT, writeSmallTrace } from '../cli/small-trace.ts';

const inFolder = temporaryFolder();
const cwd = inFolder('.');
writeSmallTrace(inFolder('t.csv'), 1000, 700);

/** One task to replay and one to read, so that a run is a second or two. Nothing here looks at how long it took. */
const TINY = ['t.csv', '--policy', 'allkeys-lru', '--maxmemory', SMALL_LIMIT];
const FIVE = ['--samples', '5'];
const ONE = ['--samples', '1'];
const BASELINE = 'base.json';

const bench = (...args: string[]): Promise<Ran> => evictlab(['bench', ...args], { cwd });

interface BaselineFile {
  version: number;
  environment: Record<string, string | number>;
  settings: Record<string, unknown>;
  tasks: { id: string; metrics: Record<string, number | string>; rounds: { ns: number[] }[] }[];
}

const readJson = (file: string): BaselineFile =>
  JSON.parse(readFileSync(inFolder(file), 'utf8')) as BaselineFile;

/** Writes the baseline as `change` makes it, under another name. */
function changed(file: string, change: (baseline: BaselineFile) => void): string {
  const baseline = readJson(BASELINE);
  change(baseline);
  writeFileSync(inFolder(file), JSON.stringify(baseline));
  return file;
}

describe('evictlab bench', () => {
  before(async () => {
    const saved = await bench(...TINY, ...FIVE, '--save-baseline', BASELINE, '--out', 'first.csv');
    assert.equal(saved.code, 0, saved.stderr);
    assert.match(saved.stdout, /allkeys-lru +\d+\.\d\d +\d+\.\d/);
    assert.match(saved.stdout, /5 samples of each task in 5 processes/);
  });

  it('writes a CSV with samples, times, counts and where they were taken', () => {
    const rows: Record<string, string>[] = parse(readFileSync(inFolder('first.csv'), 'utf8'), {
      columns: true,
    });
    assert.deepEqual(
      rows.map((row) => [row.task, row.workload, row.policy]),
      [
        ['replay', 't', 'allkeys-lru'],
        ['read', 't', ''],
      ],
    );
    const [row] = rows;
    assert.equal(row.samples, '5');
    assert.ok(Number(row.median_ns) > 0 && Number(row.p99_ns) >= Number(row.median_ns));
    assert.equal(Number(row.hits) + Number(row.misses), 1000);
    assert.equal(row.node, process.version);
    assert.notEqual(row.cpu, '');
  });

  it('keeps a baseline: version, sorted keys, raw samples, and what to run again', () => {
    const text = readFileSync(inFolder(BASELINE), 'utf8');
    const { version, settings, tasks } = readJson(BASELINE);
    assert.equal(version, 1);
    assert.deepEqual(settings.policy, ['allkeys-lru']);
    assert.deepEqual(
      tasks.map(({ id }) => id),
      [`replay t ${DEFAULT_SERVER} 20% allkeys-lru`, 'read csv t'],
    );
    assert.equal(tasks[0].rounds.flatMap(({ ns }) => ns).length, 5);
    assert.equal(tasks[1].metrics.requests, 1000);
    assert.match(String(tasks[1].metrics.trace_sha256), /^[0-9a-f]{64}$/);
    const keys = Object.keys(JSON.parse(text) as object);
    assert.deepEqual(keys, keys.toSorted());
  });

  it('finds the same behaviour again, without timing and with the settings of the baseline', async () => {
    const { code, stdout, stderr } = await bench('--baseline', BASELINE, '--deterministic-only');
    assert.equal(code, 0, stderr);
    assert.match(stdout, /Behaviour is the same\./);
    assert.doesNotMatch(stdout, /95 % interval.*\d …/);
  });

  it('exits with 1 when a count differs, and says which', async () => {
    const other = changed('counts.json', ({ tasks }) => {
      tasks[0].metrics.hits = Number(tasks[0].metrics.hits) - 1;
    });
    const { code, stdout } = await bench('--baseline', other, '--deterministic-only');
    assert.equal(code, 1);
    assert.match(stdout, /allkeys-lru .*BEHAVIOUR CHANGED/);
    assert.match(stdout, /replay t .* allkeys-lru: hits \d+ -> \d+/);
  });

  it('exits with 1 when it is many times slower, in every form', async () => {
    const faster = changed('faster.json', ({ tasks }) => {
      for (const { rounds } of tasks) {
        for (const round of rounds) round.ns = round.ns.map((ns) => ns / 50);
      }
    });
    const { code, stdout } = await bench('--baseline', faster, ...FIVE, '--output-format', 'junit');
    assert.equal(code, 1, stdout);
    assert.match(stdout, /<testsuite .*name="evictlab bench" .*tests="2" failures="2"/);
    assert.match(stdout, /<failure type="slower" message="slower: time per request \+\d+/);
  });

  it('decides nothing by speed on another machine', async () => {
    const elsewhere = changed('elsewhere.json', ({ environment, tasks }) => {
      environment.cpu = 'Another CPU';
      for (const { rounds } of tasks) {
        for (const round of rounds) round.ns = round.ns.map((ns) => ns / 50);
      }
    });
    const { code, stderr } = await bench(
      '--baseline',
      elsewhere,
      ...FIVE,
      '--output-format',
      'github',
    );
    assert.equal(code, 0, stderr);
    assert.match(stderr, /warning: speed decides nothing: CPU Another CPU then/);
  });

  it('exits with 4 when so few samples can tell nothing', async () => {
    const few = changed('few.json', ({ tasks }) => {
      for (const task of tasks) task.rounds = [task.rounds[0]];
    });
    const { code, stdout } = await bench('--baseline', few, ...ONE, '--output-format', 'table');
    assert.equal(code, 4, stdout);
    assert.match(stdout, /too noisy to say/);
  });

  it('keeps what was measured when interrupted, and compares nothing', async () => {
    const { code, stderr } = await evictlab(
      ['bench', ...TINY, '--samples', '10000', '--out', 'kept.csv', '--save-baseline', 'part.json'],
      {
        cwd,
        during: (child) => {
          setTimeout(() => child.kill('SIGINT'), 5000);
        },
      },
    );
    assert.equal(code, 130, stderr);
    assert.match(stderr, /interrupted: (nothing was|\d of 2 tasks) measured/);
    // How far it got is a matter of the machine; measure.test.ts looks at what is kept.
    assert.equal(existsSync(inFolder('kept.csv')), stderr.includes('kept in kept.csv'));
    assert.ok(!existsSync(inFolder('part.json')), 'a part is no baseline');
  });

  it('sees that another build behaves otherwise', async () => {
    const root = fileURLToPath(new URL('../../../', import.meta.url));
    mkdirSync(inFolder('other'));
    cpSync(join(root, 'dist', 'src'), inFolder('other/dist/src'), { recursive: true });
    cpSync(join(root, 'workloads'), inFolder('other/workloads'), { recursive: true });
    copyFileSync(join(root, 'package.json'), inFolder('other/package.json'));
    symlinkSync(join(root, 'node_modules'), inFolder('other/node_modules'));
    const file = inFolder('other/dist/src/policies/lru.js');
    const text = readFileSync(file, 'utf8');
    // Keys go at random.
    writeFileSync(file, text.replaceAll("'idle-time'", "'random'"));
    const args = [...TINY, ...ONE, '--against', 'other', '--output-format', 'csv'];
    const { code, stdout, stderr } = await bench(...args);
    assert.equal(code, 1, stderr);
    assert.match(stdout, /,changed,"hits \d+ -> \d+, misses /);
  });
});

/** Command lines with nothing comparable: exit code 3, and what stderr says. */
const incomparable: readonly [string, string[], RegExp][] = [
  ['no such file', ['--baseline', 'none.json'], /none\.json: no baseline to read.*--save-baseline/],
  ['no JSON', ['--baseline', 't.csv'], /t\.csv: no baseline to read/],
  ['another version', ['--baseline', 'version.json'], /not a baseline of version 1 \(version/],
  [
    'other policies',
    ['--baseline', BASELINE, '--policy', 'allkeys-lfu'],
    /the baseline lacks replay .* allkeys-lfu, this run lacks replay .* allkeys-lru/,
  ],
  ['other seed', ['--baseline', BASELINE, '--seed', '2'], /--seed was 1, is 2/],
  [
    'fewer requests',
    ['--baseline', BASELINE, '--requests', '500'],
    /--requests was not given, is 500/,
  ],
  ['no build', [...TINY, '--against', '.'], /no build of evictlab here/],
];

describe('evictlab bench, with nothing to compare with,', () => {
  for (const [what, args, message] of incomparable) {
    it(`exits with 3: ${what}`, async () => {
      changed('version.json', (baseline) => (baseline.version = 2));
      const { code, stdout, stderr } = await bench(...args, '--quiet');
      assert.equal(code, 3, stderr);
      assert.equal(stdout, '');
      assert.match(stderr, message);
    });
  }
});

/** Mistakes on the command line: exit code 2. */
const mistakes: readonly [string, RegExp][] = [
  ['--baseline a.json --against .', /--baseline and --against both/],
  ['--against . --deterministic-only', /--against runs both builds/],
  ['--samples 0', /--samples: "0" is not a whole number from 1/],
  ['--min-effect 10', /--min-effect: "10" is not a share/],
  ['--min-effect -5%', /--min-effect/],
  ['--output-format xml', /output-format/],
  ['--policy lur', /Unknown policy "lur"/],
  ['--server redis-1', /Unknown server "redis-1"/],
  ['--basline x', /Did you mean "--baseline"/],
  ['--save-baseline /proc/x.json', /can't be written/],
];

describe('bad input to bench', () => {
  for (const [line, message] of mistakes) {
    it(`evictlab bench ${line}`, async () => {
      const args = ['bench', inFolder('t.csv'), ...line.split(' ')];
      await assert.rejects(runProgram(args, new AbortController().signal), (error: Error) => {
        assert.ok(error instanceof UsageError, error.stack);
        assert.match(error.message, message);
        return true;
      });
    });
  }
});
