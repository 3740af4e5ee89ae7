import type { Random } from '../../random.ts';
import { fraction, share } from '../fields.ts';
import { standardNormal } from '../normal.ts';
import { definePopularity, type PopularitySampler } from './popularity.ts';

/** A normal bell over the key numbers, redrawn outside them; defaults as memtier_benchmark's key pattern G. */
export class GaussianSampler implements PopularitySampler {
  private readonly count: number;
  private readonly mean: number;
  private readonly deviation: number;

  constructor(count: number, mean: number, deviation: number) {
    this.count = count;
    this.mean = mean * count;
    this.deviation = deviation * count;
  }

  next(random: Random): number {
    for (;;) {
      const key = Math.floor(this.mean + this.deviation * standardNormal(random));
      if (key >= 0 && key < this.count) return key;
    }
  }
}

export const gaussian = definePopularity({
  name: 'gaussian',
  summary: 'A normal bell over the key numbers, as memtier_benchmark’s pattern G.',
  scatters: true,
  fields: {
    mean: fraction().default(0.5).describe('Centre, as a fraction of the key space.'),
    deviation: share()
      .default(1 / 6)
      .describe('Standard deviation, as a fraction of the key space.'),
  },
  create: (settings, count) => new GaussianSampler(count, settings.mean, settings.deviation),
});
