import type { TraceFacts } from './facts.ts';
import {
  EVICTIONS_PER_S,
  HIT_RATIO,
  MISSES_PER_S,
  type CurvePoint,
  type Measure,
} from './point.ts';

/** What the memory is to achieve. */
export interface Target {
  readonly measure: Measure;
  readonly goal: number;
  /** As the user gave it: `--target-hit-ratio 0.95`. */
  readonly text: string;
}

export const hitRatioTarget = (goal: number, text: string): Target => ({
  measure: HIT_RATIO,
  goal,
  text,
});
export const missesTarget = (goal: number, text: string): Target => ({
  measure: MISSES_PER_S,
  goal,
  text,
});
export const evictionsTarget = (goal: number, text: string): Target => ({
  measure: EVICTIONS_PER_S,
  goal,
  text,
});

/** How far above a target a point is, on average over its runs; below 0 when it misses it. */
export function slack(point: CurvePoint, { measure, goal }: Target, facts: TraceFacts): number {
  const values = point.runs.map((run) => measure.of(run, facts) ?? NaN);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return measure.better === 'higher' ? mean - goal : goal - mean;
}
