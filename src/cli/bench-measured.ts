import { availableParallelism } from 'node:os';
import type { Baseline, BenchSettings } from '../bench/baseline.ts';
import type { Build } from '../bench/build.ts';
import type { SuiteTask } from '../bench/suite.ts';
import type { TaskResult } from '../bench/task.ts';
import { isUnsettled } from '../bench/verdict.ts';
import { showProgress } from './progress.ts';

/** Everything measured, or what was finished when the user interrupted it. */
export interface Measured {
  readonly results: readonly TaskResult[];
  /** Of the other build, for the same tasks. */
  readonly others?: readonly TaskResult[];
  readonly isWhole: boolean;
}

export async function untimed(tasks: readonly SuiteTask[], signal: AbortSignal): Promise<Measured> {
  const { behaviour } = await import('../bench/behaviour.ts');
  const results = await behaviour(tasks, { jobs: availableParallelism(), signal });
  return { results, isWhole: results.length === tasks.length };
}

type Unsettled = (results: readonly (readonly TaskResult[])[]) => readonly number[];

/** Which tasks need more samples, compared as they will be in the end. */
export async function unsettledBy(
  baseline: Baseline | undefined,
  settings: BenchSettings,
  minEffect: number,
  seed: number,
): Promise<Unsettled> {
  const { compare } = await import('../bench/compare.ts');
  const { resultsOf } = await import('../bench/baseline.ts');
  return ([results, ...others]) => {
    const before = baseline === undefined ? others.at(0) : resultsOf(baseline, results, settings);
    if (before === undefined) return [];
    const interleaved = baseline === undefined;
    const tasks = compare(before, results, { minEffect, interleaved, seed });
    return tasks.flatMap((task, i) => (isUnsettled(task) ? [i] : []));
  };
}

export interface TimedOptions {
  readonly samples: number;
  readonly signal: AbortSignal;
  readonly progress: boolean;
  readonly unsettled: Unsettled;
}

export async function timed(
  tasks: readonly SuiteTask[],
  own: Build,
  other: Build | undefined,
  { samples, signal, progress, unsettled }: TimedOptions,
): Promise<Measured> {
  const { measure, ROUNDS } = await import('../bench/measure.ts');
  const builds = other === undefined ? [own] : [own, other];
  const bar = showProgress(tasks.length * ROUNDS * builds.length, 'processes', progress);
  try {
    const { perBuild, isWhole } = await measure(
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
    const [results, others] = perBuild;
    return other === undefined ? { results, isWhole } : { results, others, isWhole };
  } finally {
    bar.stop();
  }
}
