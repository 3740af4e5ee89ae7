import type { Random } from '../../random.ts';
import { power } from '../portable-math.ts';
import { definePopularity, type PopularitySampler } from './popularity.ts';
import { YCSB_THETA, grayEta, grayZipfian, zeta } from './ycsb.ts';

/**
 * YCSB's `SkewedLatestGenerator`: a zipfian distance back from the newest key, which moves on as a `growth` phase inserts
 * keys. Returns key numbers, oldest 0. Deviation: YCSB can never draw its very first record; here it is the coldest.
 */
export class YcsbLatestSampler implements PopularitySampler {
  private count: number;
  private zetan: number;
  private eta: number;

  constructor(count: number) {
    this.count = count;
    this.zetan = zeta(count, YCSB_THETA);
    this.eta = grayEta(count, this.zetan);
  }

  next(random: Random): number {
    const { count } = this;
    if (count <= 2) return random.below(count);
    return count - 1 - grayZipfian(random.float(), count, this.zetan, this.eta);
  }

  grow(count: number): void {
    while (this.count < count) this.zetan += power(++this.count, -YCSB_THETA);
    this.eta = grayEta(count, this.zetan);
  }
}

export const ycsbLatest = definePopularity({
  name: 'ycsb-latest',
  summary: 'YCSB’s latest: the newest keys are the hottest; goes with a growth phase.',
  scatters: false,
  fields: {},
  create: (_settings, _count, born) => new YcsbLatestSampler(born),
});
