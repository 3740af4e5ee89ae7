import { logData, valueAt, type Curve } from './curve.ts';
import type { TraceFacts } from './facts.ts';
import { estimate, HIT_RATIO, refusesWrites, type CurvePoint } from './point.ts';

const STEPS = 400;

/**
 * The knee of a curve, bytes: where the hit ratio is furthest above the straight line from the smallest to the largest
 * size at which the policy refuses no write (the Kneedle of Satopää et al., ICDCS workshops 2011, on the measured curve,
 * unsmoothed). Up to here memory buys more than it does on average, beyond it less. undefined when the curve has no
 * such point: it is straight, or there are no lookups.
 */
export function kneeOf(curve: Curve, facts: TraceFacts): number | undefined {
  const points = curve.points.filter((point) => !refusesWrites(point));
  const valueOf = (point: CurvePoint): number => estimate(point, HIT_RATIO, facts)?.mean ?? 0;
  if (points.length < 3) return undefined;
  const usable = { ...curve, points };
  const [first, last] = [points[0], points[points.length - 1]];
  const from = first.cell.maxmemoryBytes;
  const to = last.cell.maxmemoryBytes;
  const rise = valueOf(last) - valueOf(first);
  if (rise <= 0) return undefined;
  let best: number | undefined;
  let most = 0;
  const span = logData(curve, to) - logData(curve, from);
  for (let step = 1; step < STEPS; step++) {
    const bytes = curve.fixedBytes + Math.exp(logData(curve, from) + (span * step) / STEPS);
    const value = valueAt(usable, bytes, valueOf);
    if (value === undefined) continue;
    const above = (value - valueOf(first)) / rise - (bytes - from) / (to - from);
    if (above > most) {
      most = above;
      best = bytes;
    }
  }
  return best;
}
