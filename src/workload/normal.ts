import type { Random } from '../random.ts';
import { ln } from './portable-math.ts';

/**
 * A standard normal number by Marsaglia's polar method (1964). The second number of the pair is thrown away: keeping it
 * would be state, and state shared between keys.
 */
export function standardNormal(random: Random): number {
  for (;;) {
    const x = 2 * random.float() - 1;
    const y = 2 * random.float() - 1;
    const square = x * x + y * y;
    if (square > 0 && square < 1) return x * Math.sqrt((-2 * ln(square)) / square);
  }
}
