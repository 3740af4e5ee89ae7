import { defineAmount } from './amount.ts';

export const uniform = defineAmount({
  name: 'uniform',
  summary: 'Evenly between two bounds, both included.',
  forTtl: true,
  fields: (unit) => ({
    min: unit().describe('Smallest value.'),
    max: unit().describe('Largest value.'),
  }),
  check: ({ min, max }) =>
    min <= max ? undefined : { at: 'min', message: 'min is larger than max.' },
  // Half a unit beyond both ends, so that rounding gives the ends their full share.
  create: ({ min, max }) => ({
    next: (random) => min - 0.5 + random.openFloat() * (max - min + 1),
  }),
});
