import type { Random } from '../../random.ts';
import { fraction, share } from '../fields.ts';
import { definePopularity, type PopularitySampler } from './popularity.ts';

/** A hot set gets a share of the requests, the other keys the rest, both evenly. As YCSB's `HotspotIntegerGenerator`. */
export class HotspotSampler implements PopularitySampler {
  private readonly count: number;
  private readonly hotCount: number;
  private readonly hotShare: number;

  constructor(count: number, hotFraction: number, hotShare: number) {
    this.count = count;
    this.hotCount = Math.min(count, Math.max(1, Math.round(count * hotFraction)));
    this.hotShare = this.hotCount === count ? 1 : hotShare;
  }

  next(random: Random): number {
    const { count, hotCount } = this;
    return random.float() < this.hotShare
      ? random.below(hotCount)
      : hotCount + random.below(count - hotCount);
  }
}

export const hotspot = definePopularity({
  name: 'hotspot',
  summary: 'A hot set gets a share of the requests, the other keys the rest.',
  scatters: true,
  fields: {
    hot_keys: share().default(0.2).describe('Fraction of the keys that is hot.'),
    hot_share: fraction().default(0.8).describe('Fraction of the requests that goes to hot keys.'),
  },
  create: (settings, count) => new HotspotSampler(count, settings.hot_keys, settings.hot_share),
});
