import { positive } from '../fields.ts';
import { standardNormal } from '../normal.ts';
import { exp, ln } from '../portable-math.ts';
import { defineAmount } from './amount.ts';

/** Given by its mean, which is what is published about caches: median = mean · e^(−sigma² / 2). */
export const lognormal = defineAmount({
  name: 'lognormal',
  summary: 'Lognormal: many small, a few large.',
  forTtl: true,
  fields: (unit) => ({
    mean: unit().describe('Mean of the distribution (not of its logarithm).'),
    sigma: positive().describe(
      'Standard deviation of the natural logarithm: 0.5 narrow, 1.5 wide.',
    ),
  }),
  check: ({ mean }) =>
    mean > 0 ? undefined : { at: 'mean', message: 'A lognormal mean is above 0.' },
  create: ({ mean, sigma }) => {
    const mu = ln(mean) - (sigma * sigma) / 2;
    return { next: (random) => exp(mu + sigma * standardNormal(random)) };
  },
});
