import { z } from 'zod';
import type { Random } from '../../random.ts';
import { Categorical } from '../categorical.ts';
import { atLeastZero, positive, strictFields } from '../fields.ts';
import { definePopularity, type PopularitySampler } from './popularity.ts';

interface Bucket {
  readonly keys: number;
  readonly weight: number;
}

/**
 * Popularity given as data: buckets of keys, each with its share of the requests, as in CacheLib's `pop.json`. Keys within
 * a bucket are equal. Bucket sizes are scaled to the key count, so a measured histogram serves smaller key sets as well.
 */
export class HistogramSampler implements PopularitySampler {
  private readonly count: number;
  private readonly choice: Categorical;
  /** First rank of each bucket, and the end of the last; fractions of a key are shared between neighbours. */
  private readonly edges: Float64Array;

  constructor(count: number, buckets: readonly Bucket[]) {
    this.count = count;
    this.choice = new Categorical(buckets.map((bucket) => bucket.weight));
    this.edges = new Float64Array(buckets.length + 1);
    for (const [i, bucket] of buckets.entries()) this.edges[i + 1] = this.edges[i] + bucket.keys;
    const scale = count / this.edges[buckets.length];
    for (let i = 0; i < this.edges.length; i++) this.edges[i] *= scale;
  }

  next(random: Random): number {
    const bucket = this.choice.next(random);
    const start = this.edges[bucket];
    const rank = Math.floor(start + random.float() * (this.edges[bucket + 1] - start));
    return rank < this.count ? rank : this.count - 1;
  }
}

const bucket = strictFields({
  keys: positive().describe('Keys in the bucket, in proportion to the other buckets.'),
  weight: atLeastZero().describe('Requests they get together, in proportion.'),
});

export const histogram = definePopularity({
  name: 'histogram',
  summary: 'Popularity as data: buckets of keys and the requests they share.',
  scatters: true,
  fields: {
    buckets: z
      .array(bucket, 'a list of { keys, weight }')
      .min(1, { error: 'a list of at least one { keys, weight }', abort: true })
      .refine((list) => list.some(({ weight }) => weight > 0), 'Every weight is 0.')
      .describe('Hottest first, unless the data says otherwise.'),
  },
  create: ({ buckets }, count) => new HistogramSampler(count, buckets),
});
