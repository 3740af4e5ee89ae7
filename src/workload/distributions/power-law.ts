import type { Random } from '../../random.ts';
import { positive } from '../fields.ts';
import { power } from '../portable-math.ts';
import { definePopularity, type PopularitySampler } from './popularity.ts';

/**
 * The power law of `redis-cli --lru-test` (`powerLawRand`, src/redis-cli.c): density rising as x^alpha over 1 … count,
 * counted from the far end, so rank 0 is the hottest. With alpha 6.2 the top 20 % of keys get 80 % of the requests.
 */
export class PowerLawSampler implements PopularitySampler {
  private readonly count: number;
  private readonly exponent: number;
  /** ((1 / (count + 1))^(alpha + 1)): the mass below 1, which is never drawn. */
  private readonly lowest: number;

  constructor(count: number, alpha: number) {
    this.count = count;
    this.exponent = alpha + 1;
    this.lowest = power(1 / (count + 1), alpha + 1);
  }

  next(random: Random): number {
    const mass = this.lowest + random.openFloat() * (1 - this.lowest);
    const drawn = Math.floor((this.count + 1) * power(mass, 1 / this.exponent));
    return this.count - Math.min(this.count, Math.max(1, drawn));
  }
}

export const powerLaw = definePopularity({
  name: 'power-law',
  summary: 'The power law of redis-cli --lru-test.',
  scatters: true,
  fields: {
    alpha: positive()
      .default(6.2)
      .describe('Exponent; 6.2 gives 80 % of requests to 20 % of keys.'),
  },
  create: ({ alpha }, count) => new PowerLawSampler(count, alpha),
});
