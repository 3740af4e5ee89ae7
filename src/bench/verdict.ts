import type { TaskComparison } from './compare.ts';
import type { TaskResult } from './task.ts';
import type { Environment } from './environment.ts';

/** What a run was compared with, and what came of it. */
export interface Comparison {
  /** The file or folder. */
  readonly with: string;
  readonly environment: Environment;
  /** Why speeds can't be compared (another machine, another Node): they are told, but decide nothing. */
  readonly speedDoubts: readonly string[];
  readonly minEffect: number;
  readonly tasks: readonly TaskComparison[];
}

/** A finished bench: everything reports show. */
export interface BenchRun {
  /** When its results were in. */
  readonly finishedAt: Date;
  readonly environment: Environment;
  readonly seed: number;
  readonly results: readonly TaskResult[];
  readonly comparison: Comparison | undefined;
}

/** `changed`: of behaviour, whatever the speed. `untimed`: the same behaviour, and no timings on one side. */
export type Verdict = 'changed' | 'slower' | 'unclear' | 'faster' | 'same' | 'untimed';

export function verdictOf({ changes, speed }: TaskComparison): Verdict {
  if (changes.length > 0) return 'changed';
  return speed?.speed ?? 'untimed';
}

/** Of the whole run, as the exit code tells it. */
export type Outcome = 'fine' | 'failed' | 'unclear';

/** Failed by any change of behaviour and by any regression; unclear if some task was too noisy to say. */
export function outcomeOf(comparison: Comparison): Outcome {
  const verdicts = comparison.tasks.map(verdictOf);
  if (verdicts.includes('changed')) return 'failed';
  if (comparison.speedDoubts.length > 0) return 'fine';
  if (verdicts.includes('slower')) return 'failed';
  return verdicts.includes('unclear') ? 'unclear' : 'fine';
}

/** Whether more samples might say more. */
export function isUnsettled(comparison: TaskComparison): boolean {
  return verdictOf(comparison) === 'unclear';
}

/** The smallest slowdown that every task of the run would have shown: 0.2 = 20 %. Undefined without timings. */
export function detectableEverywhere(comparison: Comparison): number | undefined {
  const effects = comparison.tasks.flatMap(({ speed }) => (speed ? [speed.detectable] : []));
  return effects.length === 0 ? undefined : Math.max(...effects);
}
