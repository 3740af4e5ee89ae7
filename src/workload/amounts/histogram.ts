import { z } from 'zod';
import { Categorical } from '../categorical.ts';
import { atLeastZero, strictFields } from '../fields.ts';
import { defineAmount } from './amount.ts';

/** Sizes as data, as in CacheLib's `sizes.json`: a bucket by weight, then evenly within it. */
export const histogram = defineAmount({
  name: 'histogram',
  summary: 'Given as data: ranges by weight, evenly within each.',
  forTtl: true,
  fields: (unit) => ({
    buckets: z
      .array(
        strictFields({
          min: unit().describe('Smallest value of the bucket.'),
          max: unit().describe('Largest value of the bucket.'),
          weight: atLeastZero().describe('How often, in proportion to the others.'),
        }),
        'a list of { min, max, weight }',
      )
      .min(1, { error: 'a list of at least one { min, max, weight }', abort: true })
      .refine((list) => list.some(({ weight }) => weight > 0), 'Every weight is 0.')
      .refine((list) => list.every(({ min, max }) => min <= max), 'A min is larger than its max.'),
  }),
  create: ({ buckets }) => {
    const weighted = new Categorical(buckets.map(({ weight }) => weight));
    return {
      next: (random) => {
        const { min, max } = buckets[weighted.next(random)];
        return min - 0.5 + random.openFloat() * (max - min + 1);
      },
    };
  },
});
