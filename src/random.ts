const TWO_POW_32 = 0x1_0000_0000;
const TWO_POW_53 = 0x20_0000_0000_0000;

/** Mixes 32 bits so that close inputs give unrelated outputs (the 32-bit finaliser of MurmurHash3). */
export function mix32(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/**
 * The one source of randomness: sfc32 (Chris Doty-Humphrey's small fast counter generator, 128 bits of state).
 * Integer arithmetic only, so a seed gives the same numbers on every platform.
 *
 * `stream` separates independent uses of one seed (popularity, sizes, the server's sampling, …).
 */
export class Random {
  private a: number;
  private b: number;
  private c: number;
  private counter: number;

  constructor(seed: number, stream: string) {
    let streamHash = 0x811c9dc5;
    for (let i = 0; i < stream.length; i++) {
      streamHash = Math.imul(streamHash ^ stream.charCodeAt(i), 0x01000193);
    }
    this.a = seed | 0;
    this.b = Math.floor(seed / TWO_POW_32) | 0;
    this.c = streamHash | 0;
    this.counter = 1;
    for (let i = 0; i < 16; i++) this.uint32();
  }

  /** The four words that say how the dice fall from here on. */
  get state(): Int32Array {
    return Int32Array.of(this.a, this.b, this.c, this.counter);
  }

  /** A uniform integer in [0, 2^32). */
  uint32(): number {
    return this.int32() >>> 0;
  }

  /** The same 32 bits as a signed integer, which never takes a heap number: for masks. */
  int32(): number {
    const sum = (this.a + this.b + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (((this.c << 21) | (this.c >>> 11)) + sum) | 0;
    return sum;
  }

  /** A uniform number in [0, 1) with 53 random bits. */
  float(): number {
    const high = this.uint32() >>> 5;
    const low = this.uint32() >>> 6;
    return (high * 0x400_0000 + low) / TWO_POW_53;
  }

  /** A uniform number in (0, 1), for logarithms and negative powers. */
  openFloat(): number {
    const high = this.uint32() >>> 5;
    const low = this.uint32() >>> 6;
    return (high * 0x400_0000 + low + 0.5) / TWO_POW_53;
  }

  /** A uniform integer in [0, bound), 1 ≤ bound ≤ 2^32; the bias is below bound / 2^32. */
  below(bound: number): number {
    return Math.floor((this.uint32() / TWO_POW_32) * bound);
  }
}
