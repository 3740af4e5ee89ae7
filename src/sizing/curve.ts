import type { Cell } from '../replay/cell.ts';
import type { TraceFacts } from './facts.ts';
import { estimate, HIT_RATIO, refusesWrites, type CurvePoint, type Measure } from './point.ts';
import type { Simulator } from './simulator.ts';

/** What a policy of a server does against maxmemory. */
export interface Curve {
  /** The setting; its maxmemory is that of no point. */
  readonly cell: Cell;
  readonly fixedBytes: number;
  /** By rising maxmemory. The last one holds everything, unless sizes were given. */
  readonly points: readonly CurvePoint[];
}

/**
 * Shares of the memory that holds everything: below the smallest a sample has too few keys in memory to be like a
 * server. The fine ones are left out where the coarse ones beside them refuse writes.
 */
const COARSE = [0.05, 0.2, 0.7];
const FINE = [0.02, 0.1, 0.4];
/** Rounds of looking closer, and sizes added to a curve in each. */
const ROUNDS = 2;
const ADDED_PER_ROUND = 3;
/** A size this close to one that was run tells nothing new. */
const SAME_SIZE = 0.004;
/** A bend of less than this, in hit ratio, is straight. */
const STRAIGHT = 0.004;

/** The curves of cells that differ in server and policy, at sizes chosen where they bend; fewer points when interrupted. */
export async function curvesOf(simulator: Simulator, cells: readonly Cell[]): Promise<Curve[]> {
  const curves: Curve[] = [];
  for (const cell of cells) {
    const unlimited = await simulator.unlimited(cell);
    if (unlimited === undefined) return curves;
    const fixedBytes = await simulator.fixedBytes(cell);
    const { peakBytes, counts } = unlimited;
    const last: CurvePoint = {
      cell: { ...cell, maxmemoryBytes: peakBytes },
      weight: 1,
      runs: [counts],
      isFilled: true,
    };
    curves.push({ cell, fixedBytes, points: [last] });
  }
  const sizeOf = ({ fixedBytes, points }: Curve, share: number): number =>
    fixedBytes + share * (points[points.length - 1].cell.maxmemoryBytes - fixedBytes);
  const coarse = await addSizes(simulator, curves, (curve) =>
    COARSE.map((share) => sizeOf(curve, share)),
  );
  let grown = await addSizes(simulator, coarse, (curve) =>
    FINE.map((share) => sizeOf(curve, share)).filter((bytes) => isUseful(curve, bytes)),
  );
  for (let round = 0; round < ROUNDS; round++) {
    grown = await addSizes(simulator, grown, (curve) => sizesAtBends(curve, simulator.facts));
  }
  return grown;
}

/** Whether the next larger size that was run refuses no write: what is no cache is not worth a closer look. */
function isUseful({ points }: Curve, bytes: number): boolean {
  const above = points.find((point) => point.cell.maxmemoryBytes > bytes);
  return above !== undefined && !refusesWrites(above) && above.cell.policy !== 'noeviction';
}

/** Where points come from; a {@link Simulator} is one. */
export type PointSource = Pick<Simulator, 'facts' | 'run'>;

/** The curves with points at more sizes: all cells at once, so that every worker has something to do. */
export async function addSizes(
  simulator: PointSource,
  curves: readonly Curve[],
  sizesOf: (curve: Curve) => readonly number[],
): Promise<Curve[]> {
  const wanted = curves.map((curve) =>
    sizesOf(curve)
      .filter((bytes) => !isKnown(curve, bytes))
      .map((bytes) => ({ ...curve.cell, maxmemoryBytes: Math.round(bytes) })),
  );
  const points = await simulator.run(wanted.flat());
  let next = 0;
  return curves.map((curve, i) => {
    const added = points.slice(next, (next += wanted[i].length)).filter((p) => p !== undefined);
    const bySize = new Map([...curve.points, ...added].map((p) => [p.cell.maxmemoryBytes, p]));
    const sorted = [...bySize.values()].sort(
      (a, b) => a.cell.maxmemoryBytes - b.cell.maxmemoryBytes,
    );
    return { ...curve, points: sorted };
  });
}

function isKnown({ points }: Curve, bytes: number): boolean {
  return points.some((point) => Math.abs(point.cell.maxmemoryBytes / bytes - 1) < SAME_SIZE);
}

/** Bytes between the points around the sharpest bends, over the logarithm of the data. */
function sizesAtBends(curve: Curve, facts: TraceFacts): number[] {
  const { points } = curve;
  const x = points.map((point) => logData(curve, point.cell.maxmemoryBytes));
  const y = points.map((point) => estimate(point, HIT_RATIO, facts)?.mean ?? 0);
  const gaps = points.slice(1).map((_, i) => {
    const bends = [i, i + 1]
      .filter((at) => at > 0 && at < points.length - 1)
      .map((at) =>
        Math.abs(y[at] - interpolated(x[at], [x[at - 1], x[at + 1]], [y[at - 1], y[at + 1]])),
      );
    const between = points[i].cell.maxmemoryBytes;
    return { i, bend: isUseful(curve, between) ? Math.max(0, ...bends) : 0 };
  });
  return gaps
    .filter(({ bend }) => bend > STRAIGHT)
    .sort((a, b) => b.bend - a.bend)
    .slice(0, ADDED_PER_ROUND)
    .map(({ i }) => curve.fixedBytes + Math.exp((x[i] + x[i + 1]) / 2));
}

/** Where the curve is at `bytes`: straight between points over the logarithm of the data; undefined outside them. */
export function valueAt(
  curve: Curve,
  bytes: number,
  valueOf: (point: CurvePoint) => number,
): number | undefined {
  const { points } = curve;
  const after = points.findIndex((point) => point.cell.maxmemoryBytes >= bytes);
  if (after < 0) return undefined;
  if (points[after].cell.maxmemoryBytes === bytes) return valueOf(points[after]);
  if (after === 0) return undefined;
  const pair = [points[after - 1], points[after]];
  return interpolated(
    logData(curve, bytes),
    pair.map((point) => logData(curve, point.cell.maxmemoryBytes)),
    pair.map(valueOf),
  );
}

/**
 * The smallest maxmemory from which on `valueOf` stays at `goal` or better, between points as in {@link valueAt}.
 * `below` when even the smallest point meets it, undefined when no point does.
 */
export function crossing(
  curve: Curve,
  better: Measure['better'],
  goal: number,
  valueOf: (point: CurvePoint) => number | undefined,
): { readonly bytes: number; readonly isBelow: boolean } | undefined {
  const { points } = curve;
  const sign = better === 'higher' ? 1 : -1;
  const slack = points.map((point) => {
    const value = valueOf(point);
    return value === undefined ? -Infinity : sign * (value - goal);
  });
  let first = points.length;
  while (first > 0 && slack[first - 1] >= 0) first--;
  if (first === points.length) return undefined;
  const bytes = points[first].cell.maxmemoryBytes;
  if (first === 0) return { bytes, isBelow: true };
  if (slack[first - 1] === -Infinity) return { bytes, isBelow: false };
  const log = interpolated(
    0,
    [slack[first - 1], slack[first]],
    [logData(curve, points[first - 1].cell.maxmemoryBytes), logData(curve, bytes)],
  );
  return { bytes: curve.fixedBytes + Math.exp(log), isBelow: false };
}

export function logData({ fixedBytes }: Curve, bytes: number): number {
  return Math.log(Math.max(1, bytes - fixedBytes));
}

/** The line through two points, at `x`. */
function interpolated(x: number, [x0, x1]: readonly number[], [y0, y1]: readonly number[]): number {
  return x1 === x0 ? y1 : y0 + ((x - x0) / (x1 - x0)) * (y1 - y0);
}
