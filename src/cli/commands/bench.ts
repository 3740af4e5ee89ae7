import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { checkWritable, writeAtomically } from '../../atomic-file.ts';
import type { Baseline, BenchSettings } from '../../bench/baseline.ts';
import type { Build } from '../../bench/build.ts';
import { NotComparableError } from '../../bench/not-comparable.ts';
import { BENCH_REPORTS } from '../../bench/reports/registry.ts';
import type { BenchReport } from '../../bench/reports/report.ts';
import type { SuiteSource, SuiteTask } from '../../bench/suite.ts';
import type { TaskResult } from '../../bench/task.ts';
import { isUnsettled, outcomeOf, type BenchRun, type Comparison } from '../../bench/verdict.ts';
import { UsageError } from '../../errors.ts';
import { DEFAULT_SETTINGS } from '../../replay/defaults.ts';
import { parseMaxmemory } from '../../replay/maxmemory.ts';
import { explainServers } from '../explain-servers.ts';
import { formatOf } from '../../trace/read-trace.ts';
import { writeCsvTrace } from '../../trace/writers/csv.ts';
import { Arguments } from '../arguments.ts';
import { benchSettings, minEffectOf, requestsToGenerate } from '../bench-settings.ts';
import type { Command } from '../command.ts';
import { processConsole, wantsColor, type Console } from '../console.ts';
import {
  EXIT_DONE,
  EXIT_FAILED,
  EXIT_INTERRUPTED,
  EXIT_NOT_COMPARABLE,
  EXIT_UNCLEAR,
} from '../exit-codes.ts';
import { loadSources } from '../load-sources.ts';
import { BENCH_OPTIONS } from '../options.ts';
import { outputIn, type Output } from '../output.ts';
import { showProgress } from '../progress.ts';
import { workloadFileOf } from '../source.ts';
import { parseWholeNumber } from '../whole-number.ts';

const DEFAULT_FILE = 'results/bench.csv';
const DEFAULT_SAMPLES = 20;

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
  const samples = wholeNumber(args, 'samples', 1, 10_000) ?? DEFAULT_SAMPLES;
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
    if (tasks === undefined) return EXIT_INTERRUPTED;
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
    if (measured === undefined) {
      console.warn('interrupted: nothing was kept.');
      return EXIT_INTERRUPTED;
    }
    const { results, others } = measured;
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
    const run: BenchRun = { environment: own.environment, seed, results, comparison };
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

function exitCode(comparison: Comparison | undefined): number {
  if (comparison === undefined) return EXIT_DONE;
  return { fine: EXIT_DONE, failed: EXIT_FAILED, unclear: EXIT_UNCLEAR }[outcomeOf(comparison)];
}

/** The tasks the settings ask for; undefined when interrupted. Trouble with what a baseline asks for is the baseline's. */
async function tasksOf(
  settings: BenchSettings,
  seed: number,
  folder: string,
  console: Console,
  signal: AbortSignal,
  baseline: Baseline | undefined,
): Promise<SuiteTask[] | undefined> {
  const { suite } = await import('../../bench/suite.ts');
  explainServers({ servers: settings.server, allocator: undefined }, console);
  const maxmemory = settings.maxmemory.map((text) => parseMaxmemory(text, '--maxmemory'));
  const sources = await suiteSources(settings, folder, console, signal);
  if (signal.aborted) return undefined;
  try {
    return await suite(
      sources,
      {
        servers: settings.server,
        policies: settings.policy,
        maxmemory,
        seed,
        settings: DEFAULT_SETTINGS,
      },
      folder,
    );
  } catch (error) {
    if (baseline?.settings.policy === settings.policy) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new NotComparableError(`The baseline can't be run again: ${reason}`, { cause: error });
    }
    throw error;
  }
}

async function suiteSources(
  settings: BenchSettings,
  folder: string,
  { warn }: Console,
  signal: AbortSignal,
): Promise<SuiteSource[]> {
  const args = new Arguments({ ...settings });
  const given = wholeNumber(args, 'requests', 1, 0xffff_fffe);
  const generated = parseWholeNumber(requestsToGenerate(settings), '--requests');
  const workloadSeed = wholeNumber(args, 'workload-seed', 0);
  const keyBytes = wholeNumber(args, 'key-bytes', 1, 512 * 1024 * 1024);
  const { format } = settings;
  const files: (string | undefined)[] = [];
  for (const source of settings.sources) files.push(await workloadFileOf(source, format));
  const sources: SuiteSource[] = [];
  for (const [i, name] of settings.sources.entries()) {
    const requests = files[i] === undefined ? given : generated;
    const [trace] = await loadSources(
      [name],
      {
        warn,
        ...(requests === undefined ? {} : { requests }),
        ...(workloadSeed === undefined ? {} : { workloadSeed }),
        ...(keyBytes === undefined ? {} : { keyBytes }),
        ...(format === undefined ? {} : { format }),
      },
      signal,
    );
    if (signal.aborted) break;
    sources.push({ trace, source: await sourceOf(i, name, trace) });
  }
  return sources;

  /** Where child processes get the same trace. */
  async function sourceOf(
    index: number,
    name: string,
    trace: SuiteSource['trace'],
  ): Promise<SuiteSource['source']> {
    const workload = files[index];
    if (workload !== undefined) {
      const seedOf = workloadSeed === undefined ? {} : { seed: workloadSeed };
      return { kind: 'workload', path: resolve(workload), requests: generated, ...seedOf };
    }
    if (given === undefined) {
      const known = format ?? formatOf(name)?.name;
      return {
        kind: 'trace',
        path: resolve(name),
        ...(known === undefined ? {} : { format: known }),
        ...(keyBytes === undefined ? {} : { keyBytes }),
      };
    }
    // Only a part of the file: the part as a file.
    const path = join(folder, `first-${index}.csv`);
    await writeCsvTrace(trace, path);
    return { kind: 'trace', path, format: 'csv' };
  }
}

interface Measured {
  readonly results: readonly TaskResult[];
  /** Of the other build. */
  readonly others?: readonly TaskResult[];
}

async function untimed(
  tasks: readonly SuiteTask[],
  signal: AbortSignal,
): Promise<Measured | undefined> {
  const { behaviour } = await import('../../bench/behaviour.ts');
  const results = await behaviour(tasks, { jobs: availableParallelism(), signal });
  return results && { results };
}

type Unsettled = (results: readonly (readonly TaskResult[])[]) => readonly number[];

interface TimedOptions {
  readonly samples: number;
  readonly signal: AbortSignal;
  readonly progress: boolean;
  readonly unsettled: Unsettled;
}

/** Which tasks need more samples, compared as they will be in the end. */
async function unsettledBy(
  baseline: Baseline | undefined,
  settings: BenchSettings,
  minEffect: number,
  seed: number,
): Promise<Unsettled> {
  const { compare } = await import('../../bench/compare.ts');
  const { resultsOf } = await import('../../bench/baseline.ts');
  return ([results, ...others]) => {
    const before = baseline === undefined ? others.at(0) : resultsOf(baseline, results, settings);
    if (before === undefined) return [];
    const interleaved = baseline === undefined;
    const tasks = compare(before, results, { minEffect, interleaved, seed });
    return tasks.flatMap((task, i) => (isUnsettled(task) ? [i] : []));
  };
}

async function timed(
  tasks: readonly SuiteTask[],
  own: Build,
  other: Build | undefined,
  { samples, signal, progress, unsettled }: TimedOptions,
): Promise<Measured | undefined> {
  const { measure, ROUNDS } = await import('../../bench/measure.ts');
  const builds = other === undefined ? [own] : [own, other];
  const bar = showProgress(tasks.length * ROUNDS * builds.length, 'processes', progress);
  try {
    const measured = await measure(
      tasks.map(({ task }) => task),
      builds.map(({ library }) => library),
      {
        samples,
        signal,
        unsettled,
        onRound: () => {
          bar.advance();
        },
      },
    );
    if (measured === undefined) return undefined;
    const [results, others] = measured;
    return other === undefined ? { results } : { results, others };
  } finally {
    bar.stop();
  }
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

function wholeNumber(
  args: Arguments,
  name: string,
  min: number,
  max = Number.MAX_SAFE_INTEGER,
): number | undefined {
  const text = args.one(name);
  return text === undefined ? undefined : parseWholeNumber(text, `--${name}`, min, max);
}
