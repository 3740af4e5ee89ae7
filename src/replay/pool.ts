import { setMaxListeners } from 'node:events';
import Tinypool from 'tinypool';
import type { AnyTrace } from '../trace/window.ts';
import type { Cell, CellResult } from './cell.ts';
import type { PlannedCell } from './plan.ts';

/** What became of a cell; `skipped` when the run was interrupted before it was finished. */
export type CellOutcome =
  | { readonly state: 'done'; readonly cell: Cell; readonly result: CellResult }
  | { readonly state: 'failed'; readonly cell: Cell; readonly error: Error }
  | { readonly state: 'skipped'; readonly cell: Cell };

export interface WorkerOptions {
  /** Cells that run at a time. */
  readonly jobs: number;
  /** Stops the run: running cells are given up, no other is started. */
  readonly signal?: AbortSignal;
  /** The module every worker runs; tests put others here. */
  readonly worker?: URL;
}

/** A thread that has nothing to do so long is ended; a new one takes half a second until its code is compiled. */
const IDLE_MS = 10_000;

export interface PoolOptions extends WorkerOptions {
  readonly onDone?: (outcome: CellOutcome) => void;
}

/**
 * Runs cells in worker threads and answers in their order, whatever finished first. The traces are shared. A cell that
 * fails, even by taking its thread down, fails alone.
 */
export async function runCells(
  planned: readonly PlannedCell[],
  options: PoolOptions,
): Promise<CellOutcome[]> {
  const jobs = Math.min(options.jobs, planned.length);
  return withWorkers({ ...options, jobs }, (workers) => workers.runAll(planned, options.onDone));
}

/** Gives `work` threads, and ends them after it. */
export async function withWorkers<T>(
  options: WorkerOptions,
  work: (workers: Workers) => Promise<T>,
): Promise<T> {
  const workers = new Workers(options);
  try {
    return await work(workers);
  } finally {
    await workers.end();
  }
}

/** Worker threads for those who decide by some results what to run next; warm from call to call until they are ended. */
export class Workers {
  readonly jobs: number;
  private readonly pool: Tinypool;
  private readonly signal: AbortSignal | undefined;

  constructor(options: WorkerOptions) {
    this.jobs = Math.max(1, options.jobs);
    this.pool = poolOf(options);
    this.signal = options.signal;
  }

  run(planned: PlannedCell): Promise<CellOutcome> {
    return runOne(this.pool, planned, this.signal);
  }

  /** Runs cells, as many at a time as there are jobs, and answers in their order. */
  async runAll(
    planned: readonly PlannedCell[],
    onDone?: (outcome: CellOutcome) => void,
  ): Promise<CellOutcome[]> {
    const outcomes: CellOutcome[] = [];
    await inLanes(planned, this.jobs, async (one, i) => {
      const outcome = await this.run(one);
      outcomes[i] = outcome;
      onDone?.(outcome);
    });
    return outcomes;
  }

  /**
   * What the module `worker` makes of each task, in these threads and in the tasks' order; undefined for those an interrupt
   * came before. Throws what it throws.
   */
  async runEach(
    worker: URL,
    tasks: readonly { readonly trace: AnyTrace }[],
    onDone?: () => void,
  ): Promise<unknown[]> {
    const results: unknown[] = tasks.map(() => undefined);
    await inLanes(tasks, this.jobs, async (task, i) => {
      if (isAborted(this.signal)) return;
      try {
        results[i] = await runIn(this.pool, task, this.signal, worker);
        onDone?.();
      } catch (error) {
        if (!isAborted(this.signal)) throw error;
      }
    });
    return results;
  }

  async end(): Promise<void> {
    await this.pool.destroy();
  }
}

/**
 * What the module `worker` makes of a task, in a thread of its own; undefined when interrupted. Throws what it throws.
 */
export async function runApart(
  worker: URL,
  task: { readonly trace: AnyTrace },
  signal: AbortSignal,
): Promise<unknown> {
  if (isAborted(signal)) return undefined;
  const pool = poolOf({ jobs: 1, signal, worker });
  try {
    return await runIn(pool, task, signal);
  } catch (error) {
    if (isAborted(signal)) return undefined;
    throw error;
  } finally {
    await pool.destroy();
  }
}

function poolOf({
  jobs,
  signal,
  worker = new URL('./worker.js', import.meta.url),
}: WorkerOptions): Tinypool {
  if (signal !== undefined) setMaxListeners(0, signal);
  return new Tinypool({
    filename: worker.href,
    runtime: 'worker_threads',
    isolateWorkers: false,
    minThreads: 0,
    maxThreads: Math.max(1, jobs),
    idleTimeout: IDLE_MS,
  });
}

/** Hands out the items one by one to as many lanes as there are jobs: nothing waits in the pool's own queue. */
export async function inLanes<T>(
  items: readonly T[],
  jobs: number,
  each: (item: T, index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const serve = async (): Promise<void> => {
    for (let i = next++; i < items.length; i = next++) await each(items[i], i);
  };
  await Promise.all(Array.from({ length: Math.max(1, jobs) }, serve));
}

/** As a call, because TypeScript takes a flag read before an `await` for unchanged after it. */
const isAborted = (signal: AbortSignal | undefined): boolean => signal?.aborted === true;

async function runOne(
  pool: Tinypool,
  planned: PlannedCell,
  signal: AbortSignal | undefined,
): Promise<CellOutcome> {
  const { cell } = planned;
  if (isAborted(signal)) return { state: 'skipped', cell };
  try {
    const result = (await runIn(pool, planned, signal)) as CellResult;
    return { state: 'done', cell, result };
  } catch (error) {
    if (isAborted(signal)) return { state: 'skipped', cell };
    return {
      state: 'failed',
      cell,
      error: error instanceof Error ? error : new Error(String(error)),
    };
  }
}

async function runIn(
  pool: Tinypool,
  task: { readonly trace: AnyTrace },
  signal: AbortSignal | undefined,
  worker?: URL,
): Promise<unknown> {
  return pool.run(
    { ...task, trace: withoutNames(task.trace) },
    { signal: signal ?? null, ...(worker && { filename: worker.href }) },
  );
}

/** Key names stay in this thread: posting them would copy every one. */
function withoutNames(trace: AnyTrace): AnyTrace {
  if ('spool' in trace) return trace;
  const { name, rows, keyCount, tickMs, times, ops, keys, valueBytes, ttls, keyBytes } = trace;
  return { name, rows, keyCount, tickMs, times, ops, keys, valueBytes, ttls, keyBytes };
}
