import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkWritable, writeAtomically } from '../../atomic-file.ts';
import type { Build } from '../../bench/build.ts';
import { NotComparableError } from '../../bench/not-comparable.ts';
import { BENCH_REPORTS } from '../../bench/reports/registry.ts';
import type { BenchReport } from '../../bench/reports/report.ts';
import type { SuiteTask } from '../../bench/suite.ts';
import type { TaskResult } from '../../bench/task.ts';
import { outcomeOf, type BenchRun, type Comparison } from '../../bench/verdict.ts';
import { UsageError } from '../../errors.ts';
import type { Arguments } from '../arguments.ts';
import { timed, unsettledBy, untimed } from '../bench-measured.ts';
import { benchSettings, minEffectOf } from '../bench-settings.ts';
import { tasksOf } from '../bench-tasks.ts';
import type { Command } from '../command.ts';
import { processConsole, wantsColor, type Console } from '../console.ts';
import {
  EXIT_DONE,
  EXIT_FAILED,
  EXIT_INTERRUPTED,
  EXIT_NOT_COMPARABLE,
  EXIT_UNCLEAR,
} from '../exit-codes.ts';
import { BENCH_OPTIONS } from '../options.ts';
import { outputIn, type Output } from '../output.ts';
import { parseWholeNumber } from '../whole-number.ts';

const DEFAULT_FILE = 'results/bench.csv';
const DEFAULT_SAMPLES = '20';

/** Times the engine, the generator and the readers, and compares with a baseline or another build. */
export const bench: Command = {
  usage: 'bench [source..]',
  summary: 'throughput; with --baseline or --against, exit 1 on a regression or other results',
  build: (yargs) =>
    yargs
      .positional('source', {
        describe: 'workloads or traces, as run takes them (default mixed-ttl)',
        type: 'string',
        array: true,
      })
      .options(BENCH_OPTIONS)
      .example('$0 bench --save-baseline base.json', 'keep how fast it is')
      .example('$0 bench --baseline base.json', 'exit 1 when it is slower, or counts differ')
      .example('$0 bench --against ../evictlab-main', 'two builds in turns: the surest')
      .epilogue(
        'Exit codes: 0 fine, 1 regression or change of behaviour, 2 usage, 3 nothing comparable, 4 too noisy to say.',
      ),
  async run(args, signal) {
    const console = processConsole(args.flag('quiet'));
    try {
      return await runBench(args, console, signal);
    } catch (error) {
      if (!(error instanceof NotComparableError)) throw error;
      console.fail(error.message);
      return EXIT_NOT_COMPARABLE;
    }
  },
};

async function runBench(args: Arguments, console: Console, signal: AbortSignal): Promise<number> {
  const [baselineFile, against] = [args.one('baseline'), args.one('against')];
  if (baselineFile !== undefined && against !== undefined) {
    throw new UsageError('--baseline and --against both say what to compare with; give one.');
  }
  const deterministic = args.flag('deterministic-only');
  if (deterministic && against !== undefined) {
    throw new UsageError('--against runs both builds in turns; --deterministic-only times none.');
  }
  const minEffect = minEffectOf(args);
  const samples = parseWholeNumber(args.one('samples') ?? DEFAULT_SAMPLES, '--samples', 1, 10_000);
  const output = outputIn(BENCH_REPORTS, args, DEFAULT_FILE);
  const saveFile = args.one('save-baseline');
  for (const file of [output.file?.path, saveFile]) {
    if (file !== undefined) await checkWritable(file);
  }
  // Zod, which checks the file, takes longer to load than all the rest.
  const { readBaseline, resultsOf, writeBaseline } = await import('../../bench/baseline.ts');
  const { buildIn, thisBuild } = await import('../../bench/build.ts');
  const baseline = baselineFile === undefined ? undefined : await readBaseline(baselineFile);
  const other = against === undefined ? undefined : buildIn(against);
  const own = thisBuild();
  const settings = benchSettings(args, baseline?.settings);
  const seed = parseWholeNumber(settings.seed, '--seed');

  const folder = await mkdtemp(join(tmpdir(), 'evictlab-bench-'));
  try {
    const tasks = await tasksOf(settings, seed, folder, console, signal, baseline);
    if (tasks === undefined) {
      console.warn('interrupted: nothing was measured.');
      return EXIT_INTERRUPTED;
    }
    if (baseline !== undefined) {
      // Before minutes of measuring.
      resultsOf(baseline, withoutResults(tasks), settings);
    }
    const measured = deterministic
      ? await untimed(tasks, signal)
      : await timed(tasks, own, other, {
          samples,
          signal,
          progress: showsProgress(args),
          unsettled: await unsettledBy(baseline, settings, minEffect, seed),
        });
    const { results, others, isWhole } = measured;
    if (!isWhole) {
      return await interrupted(results, tasks.length, { own, seed, output, args, console });
    }
    const before = baseline === undefined ? others : resultsOf(baseline, results, settings);
    const environment = baseline?.environment ?? other?.environment;
    const comparison =
      before &&
      environment &&
      (await comparisonOf(before, results, {
        with: baselineFile ?? against ?? '',
        environment,
        own,
        minEffect,
        seed,
        interleaved: other !== undefined,
      }));
    const { environment: here } = own;
    const run: BenchRun = { finishedAt: new Date(), environment: here, seed, results, comparison };
    if (saveFile !== undefined) {
      await writeBaseline(saveFile, own.environment, settings, results);
    }
    await report(run, output, args, console);
    if (saveFile !== undefined) console.note(`Wrote ${saveFile}.`);
    for (const doubt of comparison?.speedDoubts ?? []) {
      console.warn(`speed decides nothing: ${doubt}.`);
    }
    return exitCode(comparison);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Unfinished {
  readonly own: Build;
  readonly seed: number;
  readonly output: Output<BenchReport>;
  readonly args: Arguments;
  readonly console: Console;
}

/** Keeps what was measured; a part is compared with nothing, and no baseline. */
async function interrupted(
  results: readonly TaskResult[],
  tasks: number,
  { own, seed, output, args, console }: Unfinished,
): Promise<number> {
  if (results.length > 0) {
    const { environment } = own;
    const run = { finishedAt: new Date(), environment, seed, results, comparison: undefined };
    await report(run, output, args, console);
  }
  const kept =
    results.length > 0 && output.file !== undefined ? `, kept in ${output.file.path}` : '';
  console.warn(
    `interrupted: ${results.length} of ${tasks} tasks measured${kept}; nothing was compared.`,
  );
  return EXIT_INTERRUPTED;
}

function exitCode(comparison: Comparison | undefined): number {
  if (comparison === undefined) return EXIT_DONE;
  return { fine: EXIT_DONE, failed: EXIT_FAILED, unclear: EXIT_UNCLEAR }[outcomeOf(comparison)];
}

interface Compared {
  readonly with: string;
  readonly environment: Comparison['environment'];
  readonly own: Build;
  readonly minEffect: number;
  readonly seed: number;
  readonly interleaved: boolean;
}

async function comparisonOf(
  before: readonly TaskResult[],
  results: readonly TaskResult[],
  { with: what, environment, own, minEffect, seed, interleaved }: Compared,
): Promise<Comparison> {
  const { compare } = await import('../../bench/compare.ts');
  const { differences } = await import('../../bench/environment.ts');
  const tasks = compare(before, results, { minEffect, interleaved, seed });
  const isTimed = tasks.some(({ speed }) => speed !== undefined);
  const speedDoubts = isTimed ? differences(environment, own.environment) : [];
  return { with: what, environment, speedDoubts, minEffect, tasks };
}

async function report(
  run: BenchRun,
  { file, stdout }: Output<BenchReport>,
  args: Arguments,
  console: Console,
): Promise<void> {
  const color = wantsColor(args.flag('color'), args.flag('no-color'));
  if (file !== undefined) {
    await writeAtomically(file.path, [file.report.render(run, { color: false })]);
  }
  for (const shown of stdout) console.print(shown.render(run, { color }));
  if (file !== undefined) console.note(`Wrote ${file.path} (${run.results.length} tasks).`);
}

function withoutResults(tasks: readonly SuiteTask[]): TaskResult[] {
  return tasks.map(({ task }) => ({ task, metrics: {}, rounds: [] }));
}

const showsProgress = (args: Arguments): boolean =>
  !args.flag('quiet') && !args.flag('no-progress');
