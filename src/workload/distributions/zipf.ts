import type { Random } from '../../random.ts';
import { atLeastZero } from '../fields.ts';
import { exp, expMinusOne, ln, lnOnePlus } from '../portable-math.ts';
import { definePopularity, type PopularitySampler } from './popularity.ts';

const FAR = 32;

/**
 * Zipf: rank r (from 0) is drawn with probability proportional to (r + 1)^−exponent. Exact for every exponent ≥ 0 and
 * every count, in constant memory and about 1.1 tries a draw. Source: Hörmann & Derflinger, "Rejection-inversion to
 * generate variates from monotone discrete distributions", ACM TOMACS 6(3), 1996; names follow the paper.
 */
export class ZipfSampler implements PopularitySampler {
  private readonly count: number;
  private readonly exponent: number;
  private readonly hX1: number;
  private readonly hN: number;
  /** How far below k the point may be to be taken without looking, from k = 2 and from k = FAR on. */
  private readonly shortcut: number;
  private readonly farShortcut: number;

  constructor(count: number, exponent: number) {
    this.count = count;
    this.exponent = exponent;
    this.hX1 = hIntegral(1.5, exponent) - 1;
    this.hN = hIntegral(count + 0.5, exponent);
    this.shortcut = shortcutFrom(2, exponent);
    this.farShortcut = shortcutFrom(FAR, exponent);
  }

  next(random: Random): number {
    const { count, exponent, hX1, hN } = this;
    for (;;) {
      const u = hN + random.float() * (hX1 - hN);
      const x = hIntegralInverse(u, exponent);
      let k = Math.floor(x + 0.5);
      if (k < 1) k = 1;
      else if (k > count) k = count;
      const shortcut = k < FAR ? this.shortcut : this.farShortcut;
      if (k - x <= shortcut || u >= hIntegral(k + 0.5, exponent) - exp(-exponent * ln(k))) {
        return k - 1;
      }
    }
  }
}

/**
 * The part of the unit below k where the hat lies under the histogram; it grows with k, so it holds for all later ones too.
 * The paper has one, for k = 2; a second for large k, where it is nearly the whole half, saves half of the time.
 */
function shortcutFrom(k: number, s: number): number {
  return k - hIntegralInverse(hIntegral(k + 0.5, s) - exp(-s * ln(k)), s);
}

/** ∫ x^−s dx from 1 to x: (x^(1−s) − 1) / (1 − s), and ln x where s = 1. */
function hIntegral(x: number, s: number): number {
  return s === 1 ? ln(x) : expMinusOne((1 - s) * ln(x)) / (1 - s);
}

/** The inverse of hIntegral in its first argument. */
function hIntegralInverse(u: number, s: number): number {
  // Rounding may carry the argument past the pole of s > 1, where x is beyond every count.
  return s === 1 ? exp(u) : exp(lnOnePlus(Math.max((1 - s) * u, -1 + 2 ** -53)) / (1 - s));
}

export const zipf = definePopularity({
  name: 'zipf',
  summary: 'Zipf’s law, exact: rank r is asked for in proportion to r^−exponent.',
  scatters: true,
  fields: {
    exponent: atLeastZero().describe('Skew, 0 or more: 0 is uniform, 0.99 a typical cache.'),
  },
  create: ({ exponent }, count) => new ZipfSampler(count, exponent),
});
