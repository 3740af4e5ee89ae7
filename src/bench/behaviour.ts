import { InvariantError } from '../errors.ts';
import { runCells } from '../replay/pool.ts';
import { readTrace } from '../trace/read-trace.ts';
import { replayMetrics, traceMetrics } from './metrics.ts';
import type { SuiteTask } from './suite.ts';
import type { Metrics, TaskResult } from './task.ts';

/** The deterministic half of a bench: every task once, in worker threads, untimed. When interrupted, those finished. */
export async function behaviour(
  tasks: readonly SuiteTask[],
  options: { readonly jobs: number; readonly signal: AbortSignal },
): Promise<TaskResult[]> {
  const planned = tasks.flatMap(({ task, trace }) =>
    task.work.kind === 'replay' ? [{ trace, cell: task.work.cell }] : [],
  );
  const outcomes = await runCells(planned, options);
  const results: TaskResult[] = [];
  let next = 0;
  for (const { task, trace } of tasks) {
    let metrics: Metrics;
    if (task.work.kind === 'replay') {
      const outcome = outcomes[next++];
      if (outcome.state === 'skipped') continue;
      if (outcome.state === 'failed') {
        throw new InvariantError(`${task.id} failed`, { cause: outcome.error });
      }
      metrics = replayMetrics(outcome.result);
    } else if (task.source.kind === 'workload') {
      metrics = traceMetrics(trace);
    } else if (options.signal.aborted) {
      continue;
    } else {
      metrics = traceMetrics(await readTrace(task.source.path, task.source));
    }
    results.push({ task, metrics, rounds: [] });
  }
  return results;
}
