import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';
import { InvariantError } from '../errors.ts';
import type { ChildOrder, ChildResult } from './child.ts';
import type { BenchTask, Metrics, TaskResult } from './task.ts';

/** Processes a task is measured in, given as many samples: their luck (memory layout, what the compiler made of it) is part of the spread. */
export const ROUNDS = 10;
/** Tasks about which nothing can be said yet go on until they were in this many times as many. */
const PATIENCE = 3;
/** Samples before the first that counts: by then the compiler is done with the hot loops. */
const WARMUPS = 1;
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

const CHILD = fileURLToPath(new URL('./child.js', import.meta.url));
const execute = promisify(execFile);

export interface MeasureOptions {
  /** At least this many samples a task; rounded up to the same number in each of its processes. */
  readonly samples: number;
  readonly signal: AbortSignal;
  /** Of what was measured so far, per build: the tasks (by index) that need more before anything can be said. */
  readonly unsettled?: (results: readonly (readonly TaskResult[])[]) => readonly number[];
  /** Called after every process. */
  readonly onRound?: () => void;
}

/** Results of the tasks, in their order, for each build. */
export interface Measurement {
  readonly perBuild: TaskResult[][];
  /** False when it was interrupted: tasks may be missing, or have fewer samples. */
  readonly isWhole: boolean;
}

/** A build could not do what it was told: an older one that lacks something, or a crash. */
export class BuildError extends Error {
  override name = 'BuildError';
}

/**
 * Measures every task on each build in child processes, one at a time. A task's processes are spread over the whole run,
 * so that a quiet minute favours nobody; builds take turns within each round (A B, B A, …). When interrupted, it answers
 * with the tasks that every build has done at least once.
 */
export async function measure(
  tasks: readonly BenchTask[],
  builds: readonly string[],
  { samples, signal, onRound, unsettled = () => [] }: MeasureOptions,
): Promise<Measurement> {
  const first = Math.min(ROUNDS, samples);
  const perRound = Math.ceil(samples / first);
  const more = Math.ceil(first / 2);
  const rounds: ChildResult[][][] = builds.map(() => tasks.map(() => []));
  const results = (): TaskResult[][] =>
    rounds.map((ofBuild) => tasks.map((task, t) => resultOf(task, ofBuild[t])));
  const finished = (): TaskResult[][] => {
    const done = tasks.map((_, t) => rounds.every((ofBuild) => ofBuild[t].length > 0));
    return rounds.map((ofBuild) =>
      tasks.flatMap((task, t) => (done[t] ? [resultOf(task, ofBuild[t])] : [])),
    );
  };
  let open: readonly number[] = tasks.map((_, t) => t);
  for (let round = 0; round < PATIENCE * first; round++) {
    if (round >= first && (round - first) % more === 0) open = unsettled(results());
    for (const t of open) {
      const task = tasks[t];
      const order = builds.map((_, b) => b);
      // Every other pair the other way round: A B B A A B B A.
      if ((round + t) % 2 === 1) order.reverse();
      for (const b of order) {
        const library = builds[b];
        const child = { library, task, warmups: WARMUPS, samples: perRound };
        const measured = await runChild(child, signal);
        if (measured === undefined) return { perBuild: finished(), isWhole: false };
        rounds[b][t].push(measured);
        onRound?.();
      }
    }
  }
  return { perBuild: results(), isWhole: true };
}

async function runChild(order: ChildOrder, signal: AbortSignal): Promise<ChildResult | undefined> {
  try {
    const { stdout } = await execute(process.execPath, [CHILD, JSON.stringify(order)], {
      signal,
      maxBuffer: MAX_OUTPUT_BYTES,
    });
    return JSON.parse(stdout) as ChildResult;
  } catch (error) {
    if (signal.aborted) return undefined;
    const stderr = error instanceof Error && 'stderr' in error ? String(error.stderr) : '';
    const reason = /^\w*Error.*$/m.exec(stderr)?.[0] ?? String(error);
    throw new BuildError(`${order.task.id}: ${reason}`, { cause: error });
  }
}

function resultOf(task: BenchTask, rounds: readonly ChildResult[]): TaskResult {
  const [{ metrics }] = rounds;
  const other = rounds.find((round) => !sameMetrics(round.metrics, metrics));
  if (other !== undefined) {
    throw new InvariantError(
      `${task.id}: two processes disagree: ${JSON.stringify(metrics)}, ${JSON.stringify(other.metrics)}`,
    );
  }
  return { task, metrics, rounds: rounds.map(({ ns, calibrationNs }) => ({ ns, calibrationNs })) };
}

function sameMetrics(a: Metrics, b: Metrics): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
