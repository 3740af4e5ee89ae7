import { Random } from '../random.ts';

const ROUNDS = 4;

/**
 * A seeded bijection of the integers 0 … count − 1 (1 ≤ count ≤ 2^32) in constant memory: it scatters hot ranks over the
 * key space. Four rounds of odd multiply, add and xor-shift, each invertible on k bits (2^k the first power of two
 * ≥ count); a value that lands outside is sent through again ("cycle walking", Black & Rogaway 2002), which keeps it a
 * bijection and takes fewer than two passes on average.
 */
export class Permutation {
  private readonly count: number;
  private readonly mask: number;
  private readonly shift: number;
  private readonly multipliers: Int32Array;
  private readonly offsets: Int32Array;

  constructor(count: number, seed: number, stream: string) {
    const random = new Random(seed, stream);
    const bits = count <= 1 ? 1 : 32 - Math.clz32(count - 1);
    this.count = count;
    this.mask = bits === 32 ? -1 : (1 << bits) - 1;
    this.shift = (bits + 1) >> 1;
    this.multipliers = new Int32Array(ROUNDS);
    this.offsets = new Int32Array(ROUNDS);
    for (let i = 0; i < ROUNDS; i++) {
      this.multipliers[i] = random.uint32() | 1;
      this.offsets[i] = random.uint32();
    }
  }

  /** Where `index` goes; both in [0, count). */
  at(index: number): number {
    const { count, mask, shift, multipliers, offsets } = this;
    let x = index | 0;
    do {
      for (let i = 0; i < ROUNDS; i++) {
        x = (Math.imul(x, multipliers[i]) + offsets[i]) & mask;
        x ^= (x & mask) >>> shift;
      }
    } while (x >>> 0 >= count);
    return x >>> 0;
  }
}
