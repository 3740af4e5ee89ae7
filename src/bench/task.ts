import type { Cell } from '../replay/cell.ts';

/** Where a task's trace comes from, as a file that any build can load by itself. */
export type TaskSource =
  | {
      readonly kind: 'workload';
      readonly path: string;
      readonly requests?: number;
      readonly seed?: number;
    }
  | {
      readonly kind: 'trace';
      readonly path: string;
      readonly format?: string;
      readonly keyBytes?: number;
    };

/** What is measured: a replay of a trace, or making one. */
export type TaskWork =
  | { readonly kind: 'replay'; readonly cell: Cell }
  | { readonly kind: 'generate' }
  | { readonly kind: 'read'; readonly format: string };

/** One row of the bench. A plain value: it is handed to child processes as JSON. */
export interface BenchTask {
  /** What tells it from all others, the same in every run of the same bench: how a baseline finds it again. */
  readonly id: string;
  readonly workload: string;
  readonly requests: number;
  /** Of a replay, as the user gave it: `10%`. */
  readonly maxmemory: string | undefined;
  readonly source: TaskSource;
  readonly work: TaskWork;
}

/** Results that are a pure function of the task: equal in every run, on every machine. */
export type Metrics = Readonly<Record<string, number | string>>;

/** What one process timed. */
export interface Round {
  /** CPU time of one request, ns, an entry a sample. */
  readonly ns: readonly number[];
  /** What a step of the calibration loop took between the samples (calibration.ts). */
  readonly calibrationNs: readonly number[];
}

/** A task with everything measured of it. */
export interface TaskResult {
  readonly task: BenchTask;
  readonly metrics: Metrics;
  /** One entry a process; none when nothing was timed. */
  readonly rounds: readonly Round[];
}
