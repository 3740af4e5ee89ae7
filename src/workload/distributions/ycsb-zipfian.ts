import type { Random } from '../../random.ts';
import { definePopularity, type PopularitySampler } from './popularity.ts';
import { grayEta, grayZipfian } from './ycsb.ts';

const ITEMS = 10_000_000_000;
const ZETAN = 26.46902820178302;
const ETA = grayEta(ITEMS, ZETAN);
const TWO_POW_32 = 0x1_0000_0000;
const PRIME_LOW = 435; // FNV's 64-bit prime is 2^40 + 435.

/**
 * The remainder by `modulus` (≤ 2^32) of YCSB's `Utils.fnvhash64`: 64-bit FNV-1a over the eight bytes of `value`, low
 * byte first, made positive. 64-bit arithmetic in two 32-bit halves: BigInt would cost more than all the rest.
 */
export function fnvHash64Modulo(value: number, modulus: number): number {
  let high = 0xcbf29ce4;
  let low = 0x84222325;
  const lowWord = value >>> 0;
  const highWord = Math.floor(value / TWO_POW_32);
  for (let i = 0; i < 8; i++) {
    const byte = ((i < 4 ? lowWord : highWord) >>> (8 * (i & 3))) & 0xff;
    const xored = (low ^ byte) >>> 0;
    const product = xored * PRIME_LOW;
    low = product >>> 0;
    high = (Math.imul(high, PRIME_LOW) + Math.floor(product / TWO_POW_32) + (xored << 8)) >>> 0;
  }
  if (high >= 0x8000_0000) {
    low = -low >>> 0;
    high = (~high + (low === 0 ? 1 : 0)) >>> 0;
  }
  let rest = remainder(high, modulus);
  rest = remainder(rest * 65536 + (low >>> 16), modulus);
  return remainder(rest * 65536 + (low & 0xffff), modulus);
}

/** value mod modulus, for whole numbers below 2^48 and 2^32: `%` on such doubles is ten times as slow. */
function remainder(value: number, modulus: number): number {
  const rest = value - Math.floor(value / modulus) * modulus;
  // The quotient may have been rounded up to a whole number.
  return rest < 0 ? rest + modulus : rest;
}

/**
 * YCSB's `ScrambledZipfianGenerator`, what `requestdistribution=zipfian` runs: a rank out of ten billion, hashed onto the
 * keys. Much flatter than Zipf 0.99 over the same keys (at a million keys the top 1 % get 40 % of requests, not 67 %).
 */
export class YcsbZipfianSampler implements PopularitySampler {
  private readonly count: number;

  constructor(count: number) {
    this.count = count;
  }

  next(random: Random): number {
    return fnvHash64Modulo(grayZipfian(random.float(), ITEMS, ZETAN, ETA), this.count);
  }
}

export const ycsbZipfian = definePopularity({
  name: 'ycsb-zipfian',
  summary: 'YCSB’s scrambled zipfian as YCSB runs it; flatter than zipf 0.99.',
  scatters: false,
  fields: {},
  create: (_settings, count) => new YcsbZipfianSampler(count),
});
