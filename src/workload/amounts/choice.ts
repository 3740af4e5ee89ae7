import { z } from 'zod';
import { Categorical } from '../categorical.ts';
import { atLeastZero, strictFields } from '../fields.ts';
import { defineAmount } from './amount.ts';

export const choice = defineAmount({
  name: 'choice',
  summary: 'One of a few values, by weight.',
  forTtl: true,
  fields: (unit) => ({
    of: z
      .array(
        strictFields({
          value: unit().describe('A value.'),
          weight: atLeastZero().describe('How often, in proportion to the others.'),
        }),
        'a list of { value, weight }',
      )
      .min(1, { error: 'a list of at least one { value, weight }', abort: true })
      .refine((list) => list.some(({ weight }) => weight > 0), 'Every weight is 0.'),
  }),
  create: ({ of }) => {
    const values = of.map(({ value }) => value);
    const weighted = new Categorical(of.map(({ weight }) => weight));
    return { next: (random) => values[weighted.next(random)] };
  },
});
