import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { runProgram } from '../../src/cli/program.ts';
import { UsageError } from '../../src/errors.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { evictlab } from './evictlab.ts';
import { writeSmallTrace } from './small-trace.ts';

const inFolder = temporaryFolder();
const cwd = inFolder('.');
writeSmallTrace(inFolder('t.csv'), 200, 50);
writeFileSync(inFolder('other.dat'), 'x');
writeFileSync(inFolder('old.csv'), 'old results\n');
writeFileSync(inFolder('cut.csv.gz'), gzipSync(readFileSync(inFolder('t.csv'))).subarray(0, 60));
writeFileSync(inFolder('broken.yaml'), 'name: x\n  keys: [1,\n');
writeFileSync(inFolder('percent.conf'), '# no\nmaxmemory 75%\n');
writeFileSync(inFolder('quotes.conf'), 'maxmemory "1gb\n');
writeFileSync(inFolder('samples.conf'), 'maxmemory-samples many\n');
mkdirSync(inFolder('folder'));

/** Arguments after `run t.csv`, unless they start with a verb; what stderr must say. */
const cases: readonly [string, RegExp][] = [
  ['--policy lur', /Unknown policy "lur"/],
  ['--policy allkeys-lur', /Did you mean "allkeys-lru"\?/],
  ['--policy allkeys-lru,', /--policy: an empty entry/],
  ['--server redis-1', /Unknown server "redis-1".*redis-7\.0/],
  ['--allocator tcmalloc', /allocator.*jemalloc-q8/],
  ['--maxmemory 75pct', /--maxmemory: "75pct" is not a size/],
  ['--maxmemory 75%%', /"75%%" is not a percentage/],
  ['--maxmemory 0%', /no limit, write 0/],
  ['--maxmemory -5mb', /"-5mb" is not a size/],
  ['--maxmemory 1.5gb', /"1\.5gb" is not a size/],
  ['--maxmemory 100', /an empty redis-.* uses \d+ already/],
  ['--seed abc', /--seed: "abc" is not a whole number from 0/],
  ['--seed 1.5', /--seed: "1\.5"/],
  ['--seed -1', /--seed: "-1"/],
  ['--seed', /seed/],
  ['--seed 1,2 --repeat 3', /--repeat counts up from one --seed/],
  ['--repeat 0', /--repeat: "0" is not a whole number from 1/],
  ['--jobs 0', /--jobs/],
  ['--hz 1000', /--hz: "1000" is not a whole number from 1 to 500/],
  ['--maxmemory-samples 0', /--maxmemory-samples/],
  ['--maxmemory-samples 9999999999', /--maxmemory-samples/],
  ['--warmup 100%', /--warmup 100%: must be below/],
  ['--warmup 200', /t has only 200 requests/],
  ['--timeline-interval 5s', /needs --timeline/],
  ['--timeline x.csv --timeline-interval 5', /"5" is not a duration/],
  ['--timeline same.csv --out same.csv', /same file/],
  ['--out old.csv --out new.csv', /--out was given 2 times/],
  ['--out folder', /folder: is a folder/],
  ['--out t.csv/x.csv', /t\.csv\/x\.csv: can't be written/],
  ['--out /proc/x.csv', /\/proc\/x\.csv: can't be written/],
  ['--output-format xml', /output-format.*"csv"/],
  ['--redis-conf none.conf', /none\.conf.*no such file/],
  ['--redis-conf percent.conf', /percent\.conf:2: maxmemory 75%: no server takes a percentage/],
  ['--redis-conf quotes.conf', /quotes\.conf:1: unbalanced quotes/],
  ['--redis-conf samples.conf', /samples\.conf:1: maxmemory-samples: "many"/],
  ['--polcy all', /Unknown argument: polcy. Did you mean "--policy"\?/],
  ['t.csv', /t\.csv: given twice/],
  ['--save-trace s.csv zipf-0.99', /--save-trace writes the trace of one source/],
  ['run zipf-099', /zipf-099: no built-in workload.*no such file.*Did you mean "zipf-0\.99"/],
  ['run missing.yaml', /missing\.yaml: no built-in workload/],
  ['run folder', /folder: is a folder/],
  ['run other.dat', /other\.dat: .*--format/],
  ['run cut.csv.gz', /cut\.csv\.gz: .*cut short/],
  ['run broken.yaml', /broken\.yaml/],
  ['run t.csv --format oracleGeneral', /24 bytes/],
  ['list', /List what\?/],
  ['list polices', /Did you mean "policies"/],
  ['rnu t.csv', /Unknown arguments: rnu.*Did you mean "run"/],
  ['', /Say what to do/],
];

process.chdir(cwd);

describe('bad input', () => {
  for (const [line, message] of cases) {
    it(`evictlab ${line || '(nothing)'}`, async () => {
      const before = readdirSync(cwd).sort();
      const words = line.split(' ').filter((word) => word !== '');
      const isWhole = words.length === 0 || ['run', 'list', 'rnu'].includes(words[0]);
      const args = isWhole ? words : ['run', 't.csv', ...words];
      await assert.rejects(runProgram(args, new AbortController().signal), (error: Error) => {
        assert.ok(error instanceof UsageError, error.stack);
        assert.match(error.message, message);
        return true;
      });
      assert.deepEqual(readdirSync(cwd).sort(), before, 'nothing written');
    });
  }

  for (const args of [['run', 't.csv', '--seed', 'abc'], ['run', 'broken.yaml'], ['lst'], []]) {
    it(`is one line on stderr and exit code 2: evictlab ${args.join(' ')}`, async () => {
      const { code, stdout, stderr } = await evictlab(args, { cwd });
      assert.equal(code, 2, stderr);
      assert.equal(stdout, '');
      assert.match(stderr, /^evictlab: .+\n$/);
    });
  }

  it('leaves an existing results file as it was', async () => {
    const args = ['run', 't.csv', '--out', 'old.csv', '--maxmemory', '10'];
    await assert.rejects(runProgram(args, new AbortController().signal), UsageError);
    assert.equal(readFileSync(inFolder('old.csv'), 'utf8'), 'old results\n');
    assert.ok(!existsSync(inFolder('results')));
  });
});
