import { definePopularity, type PopularitySampler } from './popularity.ts';

/** Key 0, 1, 2, … and round again: the scan that defeats LRU as soon as the keys do not fit. */
export class SequentialSampler implements PopularitySampler {
  private readonly count: number;
  private upcoming: number;

  constructor(count: number) {
    this.count = count;
    this.upcoming = 0;
  }

  next(): number {
    const key = this.upcoming;
    this.upcoming = key + 1 === this.count ? 0 : key + 1;
    return key;
  }
}

export const sequential = definePopularity({
  name: 'sequential',
  summary: 'Every key in turn, round and round (a cyclic scan).',
  scatters: false,
  fields: {},
  create: (_settings, count) => new SequentialSampler(count),
});
