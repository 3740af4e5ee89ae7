import { median, quantile } from 'simple-statistics';
import type { Random } from '../random.ts';

/** Samples of one task, by the process that took them: what one process measured has its luck in common. */
export type Blocks = readonly (readonly number[])[];

export interface Interval {
  readonly low: number;
  readonly high: number;
}

export interface BootstrapOptions {
  readonly random: Random;
  /** Block i of both was taken side by side: they are drawn together, so that what slowed both down cancels out. */
  readonly paired: boolean;
  readonly resamples?: number;
  readonly confidence?: number;
}

/**
 * Percentile bootstrap interval of median(b) / median(a). Draws blocks with replacement, then samples within each, so
 * that the spread between processes counts and not only the one within them.
 */
export function bootstrapMedianRatio(
  a: Blocks,
  b: Blocks,
  { random, paired, resamples = 1000, confidence = 0.95 }: BootstrapOptions,
): Interval {
  const together = paired && a.length === b.length;
  const ratios = Array.from({ length: resamples }, () => {
    const drawn = drawBlocks(a.length, random);
    const old = median(drawSamples(a, drawn, random));
    return median(drawSamples(b, together ? drawn : drawBlocks(b.length, random), random)) / old;
  });
  const tail = (1 - confidence) / 2;
  const [low, high] = quantile(ratios, [tail, 1 - tail]);
  return { low, high };
}

function drawBlocks(count: number, random: Random): number[] {
  return Array.from({ length: count }, () => random.below(count));
}

function drawSamples(blocks: Blocks, drawn: readonly number[], random: Random): number[] {
  return drawn.flatMap((index) => {
    const block = blocks[index];
    return block.map(() => block[random.below(block.length)]);
  });
}
