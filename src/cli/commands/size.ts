import { checkWritable, writeAtomically } from '../../atomic-file.ts';
import { UsageError } from '../../errors.ts';
import { policyNamed } from '../../policies/registry.ts';
import type { Cell } from '../../replay/cell.ts';
import { plan } from '../../replay/plan.ts';
import { Workers } from '../../replay/pool.ts';
import { SIZE_REPORTS } from '../../sizing/reports/registry.ts';
import type { SizeReport } from '../../sizing/reports/report.ts';
import { Simulator } from '../../sizing/simulator.ts';
import { sizeServer, type ServerSizing, type Sizing } from '../../sizing/sizing.ts';
import type { Target } from '../../sizing/target.ts';
import { withTtlScale } from '../../sizing/ttl-change.ts';
import type { Trace } from '../../trace/trace.ts';
import type { Arguments } from '../arguments.ts';
import type { Command } from '../command.ts';
import { processConsole, wantsColor, type Console } from '../console.ts';
import { EXIT_DONE, EXIT_FAILED, EXIT_INTERRUPTED } from '../exit-codes.ts';
import { jobsOf } from '../jobs.ts';
import { SIZE_OPTIONS } from '../options.ts';
import { defaultResultsFile, outputIn, type Output } from '../output.ts';
import { showProgress } from '../progress.ts';
import { readRedisConf } from '../redis-conf.ts';
import { sweepOf } from '../settings.ts';
import { changesOf, changeTexts, ramOptionsOf, targetsOf, ttlScalesOf } from '../size-settings.ts';
import { sizableTrace } from '../size-source.ts';
import { sourceOptions } from '../source-options.ts';

/** Runs of a policy are four at each of up to so many sizes: where it ends is known when it has ended. */
const RUNS_PER_POLICY = 4 * 16;
/** Counting starts when half of the requests have filled the cache: what is asked is how it does from then on. */
const DEFAULTS = { warmup: '50%' };

/** How much maxmemory a workload needs, under which policy. */
export const size: Command = {
  usage: 'size <source>',
  summary: 'hit ratio against maxmemory, how much a target takes, and the RAM for it',
  build: (yargs) =>
    yargs
      .positional('source', {
        describe: 'built-in workload, workload file or trace file',
        type: 'string',
      })
      .options(SIZE_OPTIONS)
      // To say why it is none.
      .option('stream', { type: 'boolean', hidden: true })
      .example('$0 size my-trace.csv.gz --target-hit-ratio 95%', 'the least maxmemory, by policy')
      .example('$0 size zipf-0.99', 'the curves and their knees')
      .example('$0 size my-trace.csv --max-misses-per-s 200 --policy allkeys-lru', '')
      .example('$0 size my-trace.csv --platforms', 'and what to tell Kubernetes, Docker, clouds'),
  async run(given, signal) {
    const args = given.withDefaults(DEFAULTS);
    const console = processConsole(args.flag('quiet'));
    const source = args.one('source')!;
    if (args.flag('stream')) {
      throw new UsageError(
        'size draws samples of the keys from a trace in memory (17 bytes a request) and has no --stream. ' +
          `Size its beginning with --requests N, or take points of its curve: evictlab run ${source} --stream --maxmemory 10%,25%,50%`,
      );
    }
    const confFile = args.one('redis-conf');
    const conf = confFile === undefined ? new Map() : await readRedisConf(confFile, console.warn);
    const sweep = sweepOf(args, conf);
    if (sweep.seeds.length > 1) throw new UsageError('--seed: size takes one seed.');
    const targets = targetsOf(args);
    const changes = changesOf(args);
    checkSizes(args, targets);
    const ram = ramOptionsOf(args);
    const jobs = jobsOf(args);
    const output = outputIn(SIZE_REPORTS, args, defaultResultsFile('size', [source]));
    if (output.file !== undefined) await checkWritable(output.file.path);

    const { warmupRows } = sweep;
    const options = sourceOptions(args, console);
    const trace = await sizableTrace(source, options, changes, targets, warmupRows, console);
    if (signal.aborted) return EXIT_INTERRUPTED;
    const ttlScales = ttlScalesOf(args);
    const expected = plan([trace], sweep).length * ttlScales.length * RUNS_PER_POLICY;
    const wanted = !args.flag('quiet') && !args.flag('no-progress');
    const progress = showProgress(expected, 'runs, or fewer', wanted);
    const asked = { targets, verifies: !args.flag('no-verify'), tunes: args.flag('tune'), ram };
    const servers: ServerSizing[] = [];
    const workers = new Workers({ jobs, signal });
    const unchanged = simulatorOf(trace);
    const { facts } = unchanged;
    if (!facts.hasTtl && ttlScales.some((scale) => scale !== 1)) {
      throw new UsageError(`--ttl-scale: no key of ${trace.name} ever gets a TTL.`);
    }
    try {
      for (const ttlScale of ttlScales) {
        const simulator = ttlScale === 1 ? unchanged : simulatorOf(withTtlScale(trace, ttlScale));
        const planned = plan([simulator.trace], sweep).map(({ cell }) => cell);
        const cells = withoutIdlePolicies(planned, simulator, args, console);
        for (const server of new Set(cells.map((cell) => cell.server))) {
          const own = cells.filter((cell) => cell.server === server);
          const policies = [...new Map(own.map((cell) => [cell.policy, cell])).values()];
          const limits = own.map((cell) => cell.maxmemoryBytes);
          const sizes = args.has('maxmemory') ? [...new Set(limits)] : [];
          servers.push(await sizeServer(simulator, policies, { ...asked, sizes, ttlScale }));
        }
      }
    } finally {
      progress.stop();
      await workers.end();
    }
    const sizing = {
      workload: trace.name,
      changes: changeTexts(args),
      requests: trace.rows,
      keys: trace.keyCount,
      facts,
      targets,
      servers,
    };
    return finish(sizing, output, args, console, signal);

    function simulatorOf(of: Trace): Simulator {
      return new Simulator(of, {
        workers,
        signal,
        seed: sweep.seeds[0],
        warmupRows: warmupRows(of),
        exact: args.flag('exact'),
        onRun: () => {
          progress.advance();
        },
      });
    }
  },
};

function checkSizes(args: Arguments, targets: readonly Target[]): void {
  if (!args.has('maxmemory')) return;
  if (targets.length > 0) {
    throw new UsageError(
      '--maxmemory asks for the curve at these sizes and a target for the size; give one of them.',
    );
  }
  if (args.list('maxmemory').includes('0')) {
    throw new UsageError('--maxmemory 0 is no size. Leave it out: curves end where all keys fit.');
  }
}

/** Without TTLs volatile policies evict nothing: they are left out, unless named. Throws UsageError if none remains. */
function withoutIdlePolicies(
  cells: readonly Cell[],
  { facts, trace }: Simulator,
  args: Arguments,
  { note }: Console,
): Cell[] {
  if (facts.hasTtl) return [...cells];
  const named = args.list('policy');
  const isIdle = ({ policy }: Cell): boolean => policyNamed(policy).volatileOnly;
  const rest = cells.filter((cell) => !isIdle(cell) || named.includes(cell.policy));
  const idle = [...new Set(cells.filter(isIdle).map((cell) => cell.policy))];
  const why = `no key of ${trace.name} ever gets a TTL, so volatile policies have nothing to evict and refuse writes, as noeviction does`;
  if (cells.every(isIdle)) {
    throw new UsageError(`${idle.join(', ')}: ${why}. Choose an allkeys policy.`);
  }
  if (rest.length < cells.length) note(`Left out ${idle.join(', ')}: ${why}.`);
  return rest;
}

/** Writes and prints; answers with the exit code. */
async function finish(
  sizing: Sizing,
  { file, stdout }: Output<SizeReport>,
  args: Arguments,
  console: Console,
  signal: AbortSignal,
): Promise<number> {
  const points = sizing.servers.flatMap(({ curves }) => curves.flatMap((curve) => curve.points));
  if (file !== undefined && points.length > 0) {
    await writeAtomically(file.path, [file.report.render(sizing, { color: false })]);
  }
  if (signal.aborted) {
    const kept = file !== undefined && points.length > 0 ? `, kept in ${file.path}` : '';
    console.warn(`interrupted: ${points.length} points of the curves finished${kept}.`);
    return EXIT_INTERRUPTED;
  }
  const color = wantsColor(args.flag('color'), args.flag('no-color'));
  for (const report of stdout) console.print(report.render(sizing, { color }));
  if (file !== undefined) console.note(`Wrote ${file.path} (${points.length} points).`);
  const missed = sizing.servers.filter((server) => isMissed(sizing, server));
  for (const { server } of missed) {
    console.fail(
      `${server}: ${sizing.targets.map((target) => target.text).join(', ')}: not reached.`,
    );
  }
  return missed.length > 0 ? EXIT_FAILED : EXIT_DONE;
}

function isMissed({ targets }: Sizing, { best, verified }: ServerSizing): boolean {
  if (targets.length === 0) return false;
  return best === undefined || verified?.meetsTargets === false;
}
