import type { Random } from '../random.ts';
import * as references from './chain-reference.ts';

const { FOLLOWED } = references;

/** Sampling visits at most so many buckets per key it wants, and starts elsewhere after a run of empty ones. */
const VISITS_PER_WANTED_KEY = 10;
const LONGEST_EMPTY_RUN = 4;

/**
 * What a chained dictionary shows of its keys to those who ask for some. References to keys as in chain-reference.ts.
 * Both samples put up to `wanted` slots into `out`, which has room for one more, in the order the server offers them,
 * and return how many.
 */
export class ChainSampler {
  private readonly links: Int32Array;
  private readonly random: Random;
  private readonly samplesWholeChains: boolean;

  constructor(links: Int32Array, random: Random, samplesWholeChains: boolean) {
    this.links = links;
    this.random = random;
    this.samplesWholeChains = samplesWholeChains;
  }

  /** Of a table at rest. */
  sampleAtRest(heads: Int32Array, wanted: number, out: Int32Array): number {
    const { random } = this;
    const mask = heads.length - 1;
    const longestRun = Math.max(wanted, LONGEST_EMPTY_RUN);
    let index = random.int32() & mask;
    let emptyRun = 0;
    let stored = 0;
    let visits = wanted * VISITS_PER_WANTED_KEY;
    for (;;) {
      // Buckets of one key or none: a loop without a call in it.
      let reference = 0;
      for (; stored < wanted && visits > 0 && emptyRun <= longestRun; visits--) {
        reference = heads[index];
        if (reference & FOLLOWED) break;
        // A key or none is nobody's guess: taken in either case, and counted if it is a key.
        const isKey = -reference >>> 31;
        out[stored] = reference >> 1;
        stored += isKey;
        emptyRun = (emptyRun + 1) & (isKey - 1);
        index = (index + 1) & mask;
      }
      if (emptyRun > longestRun) {
        index = (random.int32() + 1) & mask;
        emptyRun = 0;
      }
      if (stored >= wanted || visits === 0) return Math.min(stored, wanted);
      if (reference & FOLLOWED) {
        emptyRun = 0;
        stored = this.takeChain(reference, wanted, stored, out);
        index = (index + 1) & mask;
        visits--;
      }
    }
  }

  /** Of both arrays of a rehash that has moved the buckets of the first one below `rehashIndex`. */
  sampleBoth(
    heads0: Int32Array,
    heads1: Int32Array,
    rehashIndex: number,
    wanted: number,
    out: Int32Array,
  ): number {
    const { random } = this;
    const mask = Math.max(heads0.length, heads1.length) - 1;
    const longestRun = Math.max(wanted, LONGEST_EMPTY_RUN);
    let index = random.int32() & mask;
    let emptyRun = 0;
    let stored = 0;
    for (let visits = wanted * VISITS_PER_WANTED_KEY; stored < wanted && visits > 0; visits--) {
      for (let table = 0; table < 2 && stored < wanted; table++) {
        if (table === 0 && index < rehashIndex) {
          // Nothing is left there. Where table 1 has no such bucket either, go on at the first unmoved one.
          if (index < heads1.length) continue;
          index = rehashIndex;
        }
        const heads = table === 0 ? heads0 : heads1;
        if (index >= heads.length) continue;
        const reference = heads[index];
        if (reference !== 0) {
          emptyRun = 0;
          stored = this.takeChain(reference, wanted, stored, out);
        } else if (++emptyRun > longestRun) {
          index = random.int32() & mask;
          emptyRun = 0;
        }
      }
      index = (index + 1) & mask;
    }
    return Math.min(stored, wanted);
  }

  /** Puts the keys of a chain into a sample that has seen `seen` so far; returns how many it has seen then. */
  private takeChain(head: number, wanted: number, seen: number, out: Int32Array): number {
    const { links, random } = this;
    for (let reference = head; ; reference = links[reference >> 1]!) {
      if (seen < wanted) {
        out[seen] = reference >> 1;
      } else {
        if (!this.samplesWholeChains) return seen;
        const place = random.below(seen + 1);
        if (place < wanted) out[place] = reference >> 1;
      }
      seen++;
      if ((reference & FOLLOWED) === 0) return seen;
    }
  }

  /** One of the keys of a chain, with equal chance. */
  drawFrom(head: number): number {
    return head & FOLLOWED ? this.drawFromLonger(head) : head >> 1;
  }

  private drawFromLonger(head: number): number {
    const { links, random } = this;
    let length = 1;
    for (let reference = head; reference & FOLLOWED; length++) {
      reference = links[reference >> 1]!;
    }
    let reference = head;
    for (let skip = random.below(length); skip > 0; skip--) {
      reference = links[reference >> 1]!;
    }
    return reference >> 1;
  }
}
