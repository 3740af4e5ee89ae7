import type { Random } from '../../random.ts';
import { definePopularity, type PopularitySampler } from './popularity.ts';

/** Draws every rank below `count` equally often. */
export class UniformSampler implements PopularitySampler {
  private readonly count: number;

  constructor(count: number) {
    this.count = count;
  }

  next(random: Random): number {
    return random.below(this.count);
  }
}

export const uniform = definePopularity({
  name: 'uniform',
  summary: 'Every key is asked for equally often.',
  scatters: false,
  fields: {},
  create: (_settings, count) => new UniformSampler(count),
});
