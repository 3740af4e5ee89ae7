import { medianAbsoluteDeviation, quantile } from 'simple-statistics';
import type { TaskResult } from './task.ts';

/** CPU time of one request, ns, over all samples of a task. */
export interface Timing {
  readonly samples: number;
  readonly median: number;
  readonly p99: number;
  /** Median absolute deviation from the median. */
  readonly mad: number;
}

/** Undefined when the task was not timed. */
export function timingOf({ rounds }: TaskResult): Timing | undefined {
  const ns = rounds.flatMap((round) => round.ns);
  if (ns.length === 0) return undefined;
  const [median, p99] = quantile(ns, [0.5, 0.99]);
  return { samples: ns.length, median, p99, mad: medianAbsoluteDeviation(ns) };
}
