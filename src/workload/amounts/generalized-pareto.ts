import { z } from 'zod';
import { positive, size } from '../fields.ts';
import { ln, power } from '../portable-math.ts';
import { defineAmount } from './amount.ts';

/**
 * The value of a generalized Pareto distribution that is exceeded with probability `tail` (0 < tail ≤ 1):
 * location + scale · (tail^−shape − 1) / shape.
 */
export function generalizedParetoQuantile(
  tail: number,
  location: number,
  scale: number,
  shape: number,
): number {
  if (shape === 0) return location - scale * ln(tail);
  return location + (scale * (power(tail, -shape) - 1)) / shape;
}

const SHAPE = 'a number above -10 and below 10';

export const generalizedPareto = defineAmount({
  name: 'generalized-pareto',
  summary: 'Generalized Pareto: a heavy tail above a smallest size.',
  forTtl: false,
  fields: () => ({
    location: size().prefault(0).describe('Smallest size (theta).'),
    scale: positive().describe('Scale in bytes (sigma).'),
    shape: z
      .number(SHAPE)
      .gt(-10, SHAPE)
      .lt(10, SHAPE)
      .describe('Shape (k): 0 is exponential, the mean is finite below 1.'),
  }),
  create: ({ location, scale, shape }) => ({
    next: (random) => generalizedParetoQuantile(random.openFloat(), location, scale, shape),
  }),
});
