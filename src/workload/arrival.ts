import { z } from 'zod';
import type { Random } from '../random.ts';
import type { TraceRows } from '../trace/trace.ts';
import { generalizedParetoQuantile } from './amounts/generalized-pareto.ts';
import { duration, fraction, oneOf, positive, strictFields } from './fields.ts';
import { ln, sineOfTurn } from './portable-math.ts';

const PER_SECOND = 'requests per second';
const SPACINGS = ['even', 'poisson', 'facebook-etc'] as const;

/** When requests come: how the rate changes over time (`pattern`), and how regular the gaps are (`spacing`). */
export type ArrivalSpec = { readonly spacing: (typeof SPACINGS)[number] } & (
  | { readonly pattern: 'constant'; readonly rate: number }
  | {
      readonly pattern: 'bursts';
      readonly rate: number;
      readonly quiet_rate: number;
      readonly burst: number;
      readonly quiet: number;
    }
  | {
      readonly pattern: 'diurnal';
      readonly rate: number;
      readonly amplitude: number;
      readonly period: number;
    }
);

const spacing = z
  .enum(SPACINGS, `one of ${SPACINGS.join(', ')}`)
  .default('even')
  .describe(
    'Gaps between requests: all equal, exponential, or as measured at Facebook’s ETC pool.',
  );

const PATTERNS = [
  strictFields({
    pattern: z.literal('constant').describe('The same rate all the time.'),
    rate: positive().describe(PER_SECOND),
    spacing,
  }),
  strictFields({
    pattern: z.literal('bursts').describe('Bursts with quiet times between them.'),
    rate: positive().describe(`${PER_SECOND} during a burst`),
    quiet_rate: positive().describe(`${PER_SECOND} between bursts`),
    burst: duration().describe('How long a burst lasts.'),
    quiet: duration().describe('How long it is quiet after it.'),
    spacing,
  }),
  strictFields({
    pattern: z.literal('diurnal').describe('A sine about the mean rate, rising first.'),
    rate: positive().describe(`${PER_SECOND}, mean of a period`),
    amplitude: fraction().describe(
      'Swing as a fraction of the mean: 0.5 goes from half to 1.5 times.',
    ),
    period: duration().prefault('24h').describe('Length of a day.'),
    spacing,
  }),
];

/** The schema of `arrival` in a workload file. */
export const arrivalSchema = oneOf<ArrivalSpec>('pattern', PATTERNS, [
  'constant',
  'bursts',
  'diurnal',
]);

/** A rate that is constant within each piece and starts over after the last: lengths in ms, rates in requests per ms. */
interface RateProfile {
  readonly lengthsMs: Float64Array;
  readonly perMs: Float64Array;
}

const DIURNAL_PIECES = 288;

function rateProfile(arrival: ArrivalSpec): RateProfile {
  const of = (lengths: number[], rates: number[]): RateProfile => ({
    lengthsMs: Float64Array.from(lengths),
    perMs: Float64Array.from(rates, (rate) => rate / 1000),
  });
  switch (arrival.pattern) {
    case 'constant':
      return of([Infinity], [arrival.rate]);
    case 'bursts':
      return of([arrival.burst, arrival.quiet], [arrival.rate, arrival.quiet_rate]);
    case 'diurnal': {
      const pieces = Array.from({ length: DIURNAL_PIECES }, (_, i) => (i + 0.5) / DIURNAL_PIECES);
      return of(
        pieces.map(() => arrival.period / DIURNAL_PIECES),
        pieces.map((turn) => arrival.rate * (1 + arrival.amplitude * sineOfTurn(turn))),
      );
    }
  }
}

/** Mean requests per second over a period. */
export function meanRate(arrival: ArrivalSpec): number {
  if (arrival.pattern !== 'bursts') return arrival.rate;
  const { rate, quiet_rate, burst, quiet } = arrival;
  return (rate * burst + quiet_rate * quiet) / (burst + quiet);
}

/** Gaps with mean 1. ETC: generalized Pareto, sigma 16.0292 µs, k 0.154971 (SIGMETRICS 2012), divided by its mean. */
function gapSource(kind: ArrivalSpec['spacing'], random: Random): () => number {
  switch (kind) {
    case 'even':
      return () => 1;
    case 'poisson':
      return () => -ln(random.openFloat());
    case 'facebook-etc':
      return () => generalizedParetoQuantile(random.openFloat(), 0, 1 - 0.154971, 0.154971);
  }
}

/** The coarsest time a trace counts in, in ms, such that `rows` requests fit into 32 bits with some room. */
export function tickFor(arrival: ArrivalSpec, rows: number): number {
  const expectedMs = (rows / meanRate(arrival)) * 1000;
  return Math.max(1, Math.ceil((1.05 * expectedMs) / 0xffff_ffff));
}

/**
 * The times of requests, one after another, the first at 0. A gap is worn off at the rate of each piece it passes through,
 * so the pattern is exact however long the gaps are.
 */
export class ArrivalTimes {
  private readonly profile: RateProfile;
  private readonly periodMs: number;
  private readonly perPeriod: number;
  private readonly nextGap: () => number;
  private piece = 0;
  private pieceStartMs = 0;
  private inPieceMs = 0;

  constructor(arrival: ArrivalSpec, random: Random) {
    this.profile = rateProfile(arrival);
    const { lengthsMs, perMs } = this.profile;
    this.periodMs = lengthsMs.reduce((sum, length) => sum + length, 0);
    this.perPeriod = lengthsMs.reduce((sum, length, i) => sum + length * perMs[i], 0);
    this.nextGap = gapSource(arrival.spacing, random);
  }

  /** The times of the next `count` requests. */
  fill({ times, tickMs }: TraceRows, count: number): void {
    const { periodMs, perPeriod, nextGap } = this;
    const { lengthsMs, perMs } = this.profile;
    let { piece, pieceStartMs, inPieceMs } = this;
    for (let row = 0; row < count; row++) {
      times[row] = Math.min(0xffff_ffff, Math.floor((pieceStartMs + inPieceMs) / tickMs));
      let gap = nextGap();
      if (gap > perPeriod) {
        const periods = Math.floor(gap / perPeriod);
        gap -= periods * perPeriod;
        pieceStartMs += periods * periodMs;
      }
      while (inPieceMs + gap / perMs[piece] >= lengthsMs[piece]) {
        gap -= (lengthsMs[piece] - inPieceMs) * perMs[piece];
        pieceStartMs += lengthsMs[piece];
        inPieceMs = 0;
        piece = piece + 1 === lengthsMs.length ? 0 : piece + 1;
      }
      inPieceMs += gap / perMs[piece];
    }
    this.piece = piece;
    this.pieceStartMs = pieceStartMs;
    this.inPieceMs = inPieceMs;
  }
}
