import { Categorical } from '../categorical.ts';
import { power } from '../portable-math.ts';
import { defineAmount } from './amount.ts';
import { generalizedParetoQuantile } from './generalized-pareto.ts';

/** Probability of each size from 0 to 14 bytes. */
const SMALL = [
  0.00536, 0.00047, 0.1782, 0.09239, 0.00018, 0.0274, 0.00065, 0.00606, 0.00023, 0.00837, 0.00837,
  0.08989, 0.00092, 0.00326, 0.0198,
];
const SCALE = 214.476;
const SHAPE = 0.348238;
/** Probability that the Pareto part is 15 bytes or more. */
const FROM_15 = power(1 + (SHAPE * 15) / SCALE, -1 / SHAPE);

/**
 * Value sizes of Facebook's ETC pool (Atikoglu et al., "Workload analysis of a large-scale key-value store", SIGMETRICS
 * 2012): sizes 0–14 by a table (together 44.155 %), larger ones generalized Pareto (theta 0, sigma 214.476, k 0.348238).
 * How the two meet is told in different ways; here the Pareto part is conditioned on 15 bytes and more, which keeps both
 * the table and the parameters as published (mean 198.9; a location of 15 gives 194.4, no condition 186.1).
 */
export const facebookEtcValues = defineAmount({
  name: 'facebook-etc-values',
  summary: 'Value sizes of Facebook’s ETC pool (SIGMETRICS 2012).',
  forTtl: false,
  fields: () => ({}),
  create: () => {
    const large = 1 - SMALL.reduce((sum, probability) => sum + probability, 0);
    const choice = new Categorical([...SMALL, large]);
    return {
      next: (random) => {
        const bytes = choice.next(random);
        if (bytes < SMALL.length) return bytes;
        return generalizedParetoQuantile(random.openFloat() * FROM_15, 0, SCALE, SHAPE);
      },
    };
  },
});
