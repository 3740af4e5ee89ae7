import { power } from '../portable-math.ts';

/** YCSB's `ZIPFIAN_CONSTANT`. */
export const YCSB_THETA = 0.99;

/** The first `from` … `to` terms of zeta: the sum of i^−theta. */
function zetaTerms(from: number, to: number, theta: number): number {
  let sum = 0;
  for (let i = from; i <= to; i++) sum += power(i, -theta);
  return sum;
}

/** 1 + 2^−theta + … + count^−theta: terms one by one up to 10,000, the rest by Euler–Maclaurin (error below 1e-12). */
export function zeta(count: number, theta: number): number {
  const start = 10_000;
  if (count <= start) return zetaTerms(1, count, theta);
  const antiderivative = (x: number): number => power(x, 1 - theta) / (1 - theta);
  const slope = (x: number): number => -theta * power(x, -theta - 1);
  return (
    zetaTerms(1, start - 1, theta) +
    antiderivative(count) -
    antiderivative(start) +
    (power(start, -theta) + power(count, -theta)) / 2 +
    (slope(count) - slope(start)) / 12
  );
}

/**
 * Rank for the uniform number `u` by the approximation of Gray et al., "Quickly generating billion-record synthetic
 * databases", SIGMOD 1994, as in YCSB's `ZipfianGenerator.nextLong`; only close to Zipf (its ranks 1 to about 100 are off
 * by up to several percent), kept because it is what YCSB does.
 */
export function grayZipfian(u: number, items: number, zetan: number, eta: number): number {
  const scaled = u * zetan;
  if (scaled < 1) return 0;
  if (scaled < SECOND_RANK) return 1;
  return Math.floor(items * power(eta * u - eta + 1, 1 / (1 - YCSB_THETA)));
}

const SECOND_RANK = 1 + power(0.5, YCSB_THETA);
const ZETA_2 = SECOND_RANK;

/** The constant `eta` of the approximation. */
export function grayEta(items: number, zetan: number): number {
  return (1 - power(2 / items, 1 - YCSB_THETA)) / (1 - ZETA_2 / zetan);
}
