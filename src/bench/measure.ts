import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';
import { InvariantError } from '../errors.ts';
import type { ChildOrder, ChildResult } from './child.ts';
import type { BenchTask, Metrics, TaskResult } from './task.ts';

/** Processes a task is measured in: their luck (memory layout, what the compiler made of it) is part of the spread. */
export const ROUNDS = 10;
/** Samples before the first that counts: by then the compiler is done with the hot loops. */
const WARMUPS = 1;
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

const CHILD = fileURLToPath(new URL('./child.js', import.meta.url));
const execute = promisify(execFile);

export interface MeasureOptions {
  /** At least this many samples a task; rounded up to the same number in each of its processes. */
  readonly samples: number;
  readonly signal: AbortSignal;
  /** Called after every process. */
  readonly onRound?: () => void;
}

/** A build could not do what it was told: an older one that lacks something, or a crash. */
export class BuildError extends Error {
  override name = 'BuildError';
}

/**
 * Measures every task on each build in child processes, one at a time. A task's processes are spread over the whole run,
 * so that a quiet minute favours nobody; builds take turns within each round (A B, B A, …). Answers with the tasks' results
 * per build, or undefined when interrupted.
 */
export async function measure(
  tasks: readonly BenchTask[],
  builds: readonly string[],
  { samples, signal, onRound }: MeasureOptions,
): Promise<TaskResult[][] | undefined> {
  const perRound = Math.ceil(samples / ROUNDS);
  const rounds: ChildResult[][][] = builds.map(() => tasks.map(() => []));
  for (let round = 0; round < ROUNDS; round++) {
    for (const [t, task] of tasks.entries()) {
      const order = builds.map((_, b) => b);
      // Every other pair the other way round: A B B A A B B A.
      if ((round + t) % 2 === 1) order.reverse();
      for (const b of order) {
        const library = builds[b];
        const child = { library, task, warmups: WARMUPS, samples: perRound };
        const measured = await runChild(child, signal);
        if (measured === undefined) return undefined;
        rounds[b][t].push(measured);
        onRound?.();
      }
    }
  }
  return rounds.map((ofBuild) => tasks.map((task, t) => resultOf(task, ofBuild[t])));
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
