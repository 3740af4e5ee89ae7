import { logData, valueAt } from './curve.ts';
import type { Need } from './answer.ts';
import type { CurvePoint } from './point.ts';
import { roundUpSize } from './redis-size.ts';
import type { Simulator } from './simulator.ts';
import { slack, type Target } from './target.ts';

/** Whole runs spent on the answer, at most. */
const MOST_RUNS = 5;
/** What a size that missed is raised by at least. */
const SMALLEST_RAISE = 0.005;

/** The answer as a whole run confirmed it. */
export interface Verified {
  /** As redis.conf writes it. */
  readonly maxmemory: string;
  readonly point: CurvePoint;
  readonly meetsTargets: boolean;
  /** Whole runs it took. */
  readonly runs: number;
}

/**
 * Runs the whole workload at the answer, rounded up to what one writes into a redis.conf; as long as it misses a
 * target, again with as much more as the curve's slope says. undefined when interrupted.
 */
export async function verify(
  simulator: Simulator,
  need: Need,
  targets: readonly Target[],
): Promise<Verified | undefined> {
  const { facts } = simulator;
  const { curve } = need;
  const largest = curve.points[curve.points.length - 1].cell.maxmemoryBytes;
  // The answer, and for the half of the cases in which chance has put it too low a little more: two runs at a time.
  const upper = need.interval?.[1] ?? need.bytes;
  let wanted = [need.bytes];
  if (targets.length > 0) wanted.push(need.bytes + (upper - need.bytes) / 3);
  for (let runs = 0; ;) {
    const sizes = [
      ...new Map(wanted.map((size) => [roundUpSize(size).text, roundUpSize(size)])).values(),
    ];
    const points = await simulator.runWhole(
      sizes.map(({ bytes }) => ({ ...curve.cell, maxmemoryBytes: bytes })),
    );
    if (points === undefined) return undefined;
    runs += points.length;
    const missed = (point: CurvePoint): Target[] =>
      targets.filter((target) => slack(point, target, facts) < 0);
    const enough = points.findIndex((point) => missed(point).length === 0);
    const chosen = enough < 0 ? points.length - 1 : enough;
    const point = points[chosen];
    const missing = missed(point);
    const { bytes, text } = sizes[chosen];
    if (enough >= 0 || runs >= MOST_RUNS || bytes > largest) {
      return { maxmemory: text, point, meetsTargets: enough >= 0, runs };
    }
    const raises = missing.map((target) => {
      const slope = slopeAt(need, (p) => slack(p, target, facts));
      return slope > 0 ? -slack(point, target, facts) / slope : 0;
    });
    const log = logData(curve, bytes) + Math.max(SMALLEST_RAISE, 1.2 * Math.max(...raises));
    wanted = [curve.fixedBytes + Math.exp(log)];
  }
}

/** Change of a value per unit of the logarithm of the data, between a step less and a step more. */
function slopeAt({ curve, bytes }: Need, valueOf: (point: CurvePoint) => number): number {
  const sizes = [bytes * 0.9, bytes * 1.1];
  const [less, more] = sizes.map((size) => valueAt(curve, size, valueOf));
  if (less === undefined || more === undefined) return 0;
  return (more - less) / (logData(curve, sizes[1]) - logData(curve, sizes[0]));
}
