import { sameWithinNoise, spread } from '../metrics/spread.ts';
import { addSizes, crossing, valueAt, type Curve, type PointSource } from './curve.ts';
import type { TraceFacts } from './facts.ts';
import { kneeOf } from './knee.ts';
import { estimate, HIT_RATIO, MINIATURE_ERROR, refusesWrites, type CurvePoint } from './point.ts';
import { slack, type Target } from './target.ts';

/** The step whose worth is told: this share of maxmemory more or less. */
export const STEP = 0.1;

/** The smallest maxmemory of one policy that meets the targets; without targets, its knee. */
export interface Need {
  readonly kind: 'need';
  readonly curve: Curve;
  readonly bytes: number;
  /** The 95 % interval of `bytes`; undefined where one run can't tell. */
  readonly interval: readonly [number, number] | undefined;
  /** The smallest size looked at is enough: the true need is at most `bytes`. */
  readonly isBelow: boolean;
  /** The point next to `bytes`. */
  readonly at: CurvePoint;
  /** Hit ratios of the curve at `bytes`, and with a {@link STEP} less and more; undefined beyond its ends. */
  readonly hitRatio: number | undefined;
  readonly less: number | undefined;
  readonly more: number | undefined;
  /** The need by each sample or seed, in their order: policies share them, so that they can be compared in pairs. */
  readonly perRun: readonly number[];
}

/** No size will do: not even one that holds everything. */
export interface Unreachable {
  readonly kind: 'unreachable';
  readonly curve: Curve;
  /** The target missed by the most memory there can be a use for, and that point. */
  readonly target: Target | undefined;
  readonly ceiling: CurvePoint;
}

export type PolicyAnswer = Need | Unreachable;

/** Looks closer where each curve meets the targets (or at its knee), then answers for each. */
export async function answersFor(
  simulator: PointSource,
  curves: readonly Curve[],
  targets: readonly Target[],
): Promise<{ curves: readonly Curve[]; answers: readonly PolicyAnswer[] }> {
  const { facts } = simulator;
  const around = (curve: Curve, shares: readonly number[]): number[] => {
    const found = find(curve, targets, facts);
    const [smallest, largest] = [curve.points[0], curve.points[curve.points.length - 1]].map(
      (point) => point.cell.maxmemoryBytes,
    );
    const isCache = curve.cell.policy !== 'noeviction';
    if (found === undefined || found.isBelow || !isCache) return [];
    return shares
      .map((share) => found.bytes * share)
      .filter((bytes) => bytes > smallest && bytes < largest);
  };
  let closer = curves;
  // A knee is where it is to within a step; a target is worth a second look.
  if (targets.length > 0) closer = await addSizes(simulator, closer, (curve) => around(curve, [1]));
  closer = await addSizes(simulator, closer, (curve) => around(curve, [1 - STEP, 1, 1 + STEP]));
  return { curves: closer, answers: closer.map((curve) => answerOf(curve, targets, facts)) };
}

interface Found {
  readonly bytes: number;
  readonly isBelow: boolean;
}

/** The size that meets all targets, on the mean of the runs or on one of them. */
function find(
  curve: Curve,
  targets: readonly Target[],
  facts: TraceFacts,
  run?: number,
): Found | undefined {
  if (targets.length === 0) {
    const knee = kneeOf(run === undefined ? curve : ofRun(curve, run), facts);
    return knee === undefined ? undefined : { bytes: knee, isBelow: false };
  }
  const each = targets.map((target) =>
    crossing(curve, 'higher', 0, (point) => {
      if (refusesWrites(point)) return undefined;
      return slack(run === undefined ? point : pointOfRun(point, run), target, facts);
    }),
  );
  const found = each.filter((one) => one !== undefined);
  if (found.length < each.length) return undefined;
  return found.reduce((most, one) => (one.bytes > most.bytes ? one : most));
}

function answerOf(curve: Curve, targets: readonly Target[], facts: TraceFacts): PolicyAnswer {
  const ceiling = curve.points[curve.points.length - 1];
  const found = find(curve, targets, facts);
  if (found === undefined) {
    const target = targets.find((one) => slack(ceiling, one, facts) < 0 || refusesWrites(ceiling));
    return { kind: 'unreachable', curve, target, ceiling };
  }
  const at = nearest(curve, found.bytes);
  const runs = at.runs.length;
  const perRun = Array.from(
    { length: runs },
    (_, run) => find(curve, targets, facts, run)?.bytes ?? ceiling.cell.maxmemoryBytes,
  );
  const hitRatioAt = (bytes: number): number | undefined =>
    valueAt(curve, bytes, (point) => estimate(point, HIT_RATIO, facts)?.mean ?? NaN);
  const [less, hitRatio, more] = [1 - STEP, 1, 1 + STEP].map((s) => hitRatioAt(found.bytes * s));
  return {
    kind: 'need',
    curve,
    ...found,
    interval: intervalOf(curve, { bytes: found.bytes, less, more, at }, perRun),
    at,
    hitRatio,
    less,
    more,
    perRun,
  };
}

/** Student's interval over the runs, wider by what a miniature may be off by, translated into bytes by the slope. */
function intervalOf(
  curve: Curve,
  { bytes, less, more, at }: Pick<Need, 'bytes' | 'less' | 'more' | 'at'>,
  perRun: readonly number[],
): readonly [number, number] | undefined {
  const { halfWidth95 } = spread(perRun);
  if (halfWidth95 === undefined) return undefined;
  const slope = less === undefined || more === undefined ? 0 : (more - less) / (2 * STEP * bytes);
  const bias = at.weight > 1 && slope > 0 ? MINIATURE_ERROR / slope : 0;
  const half = halfWidth95 + Math.min(bias, bytes / 2);
  return [Math.max(curve.fixedBytes, bytes - half), bytes + half];
}

/** The need that is least, and those no different from it by a paired t-test over the runs. */
export function leastOf(answers: readonly PolicyAnswer[]): {
  readonly best: Need | undefined;
  readonly same: readonly Need[];
} {
  const needs = answers
    .filter((answer) => answer.kind === 'need')
    .sort((a, b) => a.bytes - b.bytes);
  const best = needs.at(0);
  if (best === undefined) return { best, same: [] };
  const same = needs.slice(1).filter((need) => {
    if (need.perRun.length !== best.perRun.length) return false;
    const within = sameWithinNoise(need.perRun.map(Math.log), best.perRun.map(Math.log));
    return within ?? false;
  });
  return { best, same };
}

function nearest({ points }: Curve, bytes: number): CurvePoint {
  const distance = (point: CurvePoint): number => Math.abs(point.cell.maxmemoryBytes - bytes);
  return points.reduce((best, point) => (distance(point) < distance(best) ? point : best));
}

/** A point as one of its runs has it; where one run stands for all, as that. */
function pointOfRun(point: CurvePoint, run: number): CurvePoint {
  return { ...point, runs: [point.runs[Math.min(run, point.runs.length - 1)]] };
}

function ofRun(curve: Curve, run: number): Curve {
  return { ...curve, points: curve.points.map((point) => pointOfRun(point, run)) };
}
