import type { TaskComparison } from '../compare.ts';
import type { TaskResult } from '../task.ts';
import { timingOf } from '../timing.ts';
import { verdictOf, type BenchRun } from '../verdict.ts';

type Field = string | number | undefined;

/** Metrics of a replay that get a column of their own. */
const METRICS = [
  'hits',
  'misses',
  'evicted_keys',
  'expired_keys',
  'oom_errors',
  'keys',
  'used_memory_bytes',
];

/** One row of the CSV and one object of the JSON; undefined where there is nothing to say. */
export function fieldsOf(
  run: BenchRun,
  result: TaskResult,
  comparison: TaskComparison | undefined,
): Record<string, Field> {
  const { task, metrics } = result;
  const cell = task.work.kind === 'replay' ? task.work.cell : undefined;
  const timing = timingOf(result);
  const speed = comparison?.speed;
  const before = comparison && timingOf(comparison.before);
  const { cpu, cores, platform, node, evictlab, commit } = run.environment;
  return {
    task: task.work.kind,
    workload: task.workload,
    server: cell?.server,
    policy: cell?.policy,
    maxmemory: task.maxmemory,
    seed: cell?.seed,
    format: task.work.kind === 'read' ? task.work.format : undefined,
    requests: task.requests,
    samples: timing?.samples ?? 0,
    median_ns: rounded(timing?.median, 2),
    p99_ns: rounded(timing?.p99, 2),
    mad_ns: rounded(timing?.mad, 2),
    requests_per_s: timing && Math.round(1e9 / timing.median),
    ...Object.fromEntries(METRICS.map((name) => [name, cell ? metrics[name] : undefined])),
    before_median_ns: rounded(before?.median, 2),
    time_ratio: rounded(speed?.ratio, 4),
    time_ratio_low: rounded(speed?.interval.low, 4),
    time_ratio_high: rounded(speed?.interval.high, 4),
    p_value: rounded(speed?.p, 6),
    detectable_slowdown: rounded(speed?.detectable, 4),
    verdict: comparison && verdictOf(comparison),
    changes: comparison && changesText(comparison),
    cpu,
    cores,
    platform,
    node,
    evictlab,
    commit,
  };
}

/** `hits 12 -> 13, misses 3 -> 2`; empty without changes. */
export function changesText({ changes }: TaskComparison): string {
  return changes
    .map(({ metric, before, after }) => `${metric} ${before ?? 'none'} -> ${after ?? 'none'}`)
    .join(', ');
}

/** Comparison of the i-th result, if there was one. */
export function comparisonOf(run: BenchRun, index: number): TaskComparison | undefined {
  return run.comparison?.tasks[index];
}

function rounded(value: number | undefined, decimals: number): number | undefined {
  return value === undefined || !Number.isFinite(value)
    ? undefined
    : Number(value.toFixed(decimals));
}
