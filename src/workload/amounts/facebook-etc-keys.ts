import { ln, power } from '../portable-math.ts';
import { defineAmount } from './amount.ts';

const LOCATION = 30.7984;
const SCALE = 8.20449;
const SHAPE = 0.078688;
/** memcached's longest key name. */
const MAX_BYTES = 250;

/**
 * Key name lengths of Facebook's ETC pool (Atikoglu et al., SIGMETRICS 2012): generalized extreme value, by its quantile
 * mu + sigma · ((−ln u)^−k − 1) / k. Mean 36.2. (scipy's `genextreme` takes −k, and first: a trap seen in the wild.)
 */
export const facebookEtcKeys = defineAmount({
  name: 'facebook-etc-keys',
  summary: 'Key name lengths of Facebook’s ETC pool (SIGMETRICS 2012).',
  forTtl: false,
  fields: () => ({}),
  create: () => ({
    next: (random) => {
      const quantile = LOCATION + (SCALE * (power(-ln(random.openFloat()), -SHAPE) - 1)) / SHAPE;
      return Math.min(MAX_BYTES, quantile);
    },
  }),
});
