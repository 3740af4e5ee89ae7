import { defineAmount } from './amount.ts';

export const fixed = defineAmount({
  name: 'fixed',
  summary: 'Always the same.',
  forTtl: true,
  fields: (unit) => ({ value: unit().describe('The one value.') }),
  create: ({ value }) => ({ constant: value, next: () => value }),
});
