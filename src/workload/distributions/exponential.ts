import type { Random } from '../../random.ts';
import { exp, lnOnePlus } from '../portable-math.ts';
import { positive } from '../fields.ts';
import { z } from 'zod';
import { definePopularity, type PopularitySampler } from './popularity.ts';

/**
 * Exponentially falling popularity: the hottest `keyFraction` of the keys would get `requestShare` of all requests over
 * an endless key space. As YCSB's `ExponentialGenerator` (defaults: 95 % in 0.8571 of the keys), cut at the key count by
 * inverting the truncated distribution, which is what YCSB's redrawing amounts to.
 */
export class ExponentialSampler implements PopularitySampler {
  private readonly count: number;
  private readonly gamma: number;
  private readonly mass: number;

  constructor(count: number, requestShare: number, keyFraction: number) {
    this.count = count;
    this.gamma = -lnOnePlus(-requestShare) / (count * keyFraction);
    this.mass = 1 - exp(-this.gamma * count);
  }

  next(random: Random): number {
    const rank = Math.floor(-lnOnePlus(-random.float() * this.mass) / this.gamma);
    return rank < this.count ? rank : this.count - 1;
  }
}

const BELOW_ONE = 'a fraction above 0 and below 1, for example 0.95';

export const exponential = definePopularity({
  name: 'exponential',
  summary: 'Popularity falls exponentially with the rank, as in YCSB.',
  scatters: true,
  fields: {
    share: z
      .number(BELOW_ONE)
      .gt(0, BELOW_ONE)
      .lt(1, BELOW_ONE)
      .default(0.95)
      .describe('Share of the requests that falls on the hottest `keys`.'),
    keys: positive().default(0.8571428571).describe('Fraction of the keys, see `share`.'),
  },
  create: (settings, count) => new ExponentialSampler(count, settings.share, settings.keys),
});
