import { mix32 } from '../random.ts';

const ROWS = 4;
const MAX_COUNT = 15;
/** Eight counters of four bits to a word. */
const PER_WORD_SHIFT = 3;
const HALVED_COUNTERS = 0x7777_7777;

/**
 * A count-min sketch with four rows of 4-bit counters: how often was an item counted lately, never too low but for
 * saturation at 15 and the rounding of {@link halve}. 2 bytes per counter of width.
 *
 * Source: Cormode, Muthukrishnan, "An improved data stream summary" (2005); 4-bit counters and halving as in Einziger,
 * Friedman, Manes, "TinyLFU" (ACM ToS 2017), §3.2–3.4. Deviation: the rows' hashes are h1 + row · h2.
 */
export class FrequencySketch {
  /** Counters per row, a power of two. */
  width: number;
  /** Increments since the start, halved with the counters. */
  additions = 0;
  /** Row after row, each `width / 8` words. */
  private words: Int32Array;

  constructor(minWidth: number) {
    this.width = 1 << PER_WORD_SHIFT;
    while (this.width < minWidth) this.width *= 2;
    this.words = new Int32Array((ROWS * this.width) >> PER_WORD_SHIFT);
  }

  /** Counts an item once more, in every row. */
  increment(item: number): void {
    const { words, width } = this;
    const step = mix32(~item) | 1;
    let hash = mix32(item);
    for (let row = 0; row < ROWS; row++) {
      const at = row * width + (hash & (width - 1));
      const word = at >> PER_WORD_SHIFT;
      const shift = (at & 7) << 2;
      if (((words[word] >>> shift) & MAX_COUNT) < MAX_COUNT) words[word] += 1 << shift;
      hash = (hash + step) | 0;
    }
    this.additions++;
  }

  /** The smallest of the item's counters: 0 … 15. */
  estimate(item: number): number {
    const { words, width } = this;
    const step = mix32(~item) | 1;
    let hash = mix32(item);
    let least = MAX_COUNT;
    for (let row = 0; row < ROWS; row++) {
      const at = row * width + (hash & (width - 1));
      const count = (words[at >> PER_WORD_SHIFT] >>> ((at & 7) << 2)) & MAX_COUNT;
      if (count < least) least = count;
      hash = (hash + step) | 0;
    }
    return least;
  }

  /** Ages all counts: each becomes half of itself, rounded down. O(width). */
  halve(): void {
    const { words } = this;
    for (let i = 0; i < words.length; i++) words[i] = (words[i] >>> 1) & HALVED_COUNTERS;
    this.additions = Math.floor(this.additions / 2);
  }

  /** Doubles the width. Each row is laid down twice, so that no estimate changes. */
  double(): void {
    const rowWords = this.width >> PER_WORD_SHIFT;
    const wider = new Int32Array(2 * this.words.length);
    for (let row = 0; row < ROWS; row++) {
      const counters = this.words.subarray(row * rowWords, (row + 1) * rowWords);
      wider.set(counters, 2 * row * rowWords);
      wider.set(counters, (2 * row + 1) * rowWords);
    }
    this.words = wider;
    this.width *= 2;
  }
}
