import { z } from 'zod';
import { fraction, oneOf, positive, share, strictFields, whole } from './fields.ts';

/** From when until when, as fractions of the trace's rows. */
interface Span {
  readonly from: number;
  readonly until: number;
}

/** The hot set moves: `steps` times, each time by `by` of the key space. */
export interface ShiftPhase extends Span {
  readonly kind: 'shift';
  readonly steps: number;
  readonly by: number;
}

/** A share of the requests reads keys in order: `keys` keys nobody else asks for, or the group's own. */
export interface ScanPhase extends Span {
  readonly kind: 'scan';
  readonly share: number;
  readonly keys?: number | undefined;
}

/** A share of the requests goes to a few keys that were the coldest. */
export interface FlashCrowdPhase extends Span {
  readonly kind: 'flash-crowd';
  readonly share: number;
  readonly keys: number;
}

/** Keys are replaced by new ones that are asked for as often; `turnover` 1 replaces each once. */
export interface ChurnPhase extends Span {
  readonly kind: 'churn';
  readonly turnover: number;
}

/** A share of the requests are SETs of keys that never were before. */
export interface GrowthPhase extends Span {
  readonly kind: 'growth';
  readonly share: number;
}

export type PhaseSpec = ShiftPhase | ScanPhase | FlashCrowdPhase | ChurnPhase | GrowthPhase;

const KEYS_LIMIT = 2 ** 32;
const shareOfRequests = (): z.ZodType =>
  share().describe('Share of the group’s requests that takes part.');

function phase(kind: string, summary: string, fields: z.ZodRawShape): z.ZodObject {
  return strictFields({
    kind: z.literal(kind).describe(summary),
    from: fraction().default(0).describe('Start, as a fraction of the trace.'),
    until: fraction().default(1).describe('End, as a fraction of the trace.'),
    ...fields,
  }).superRefine(({ from, until }, context) => {
    if (from >= until) {
      context.addIssue({
        code: 'custom',
        path: ['until'],
        message: 'A phase ends (until) after it starts (from).',
      });
    }
  });
}

const PHASES = {
  shift: phase('shift', 'The hot set moves to other keys.', {
    steps: whole(1, 1_000_000).default(1).describe('How many moves, evenly from start to end.'),
    by: share().default(0.5).describe('How far each goes, as a fraction of the key space.'),
  }),
  scan: phase('scan', 'Part of the requests read keys one after the other.', {
    share: shareOfRequests(),
    keys: whole(1, KEYS_LIMIT)
      .optional()
      .describe('Scan this many keys of its own; absent: the group’s keys.'),
  }),
  'flash-crowd': phase('flash-crowd', 'A few cold keys become hot for a while.', {
    share: shareOfRequests(),
    keys: whole(1, KEYS_LIMIT).default(10).describe('How many keys.'),
  }),
  churn: phase('churn', 'Keys are replaced by new ones, never to come back.', {
    turnover: positive().describe('Replacements per key over the phase; 0.5 replaces half.'),
  }),
  growth: phase('growth', 'New keys are written all the time.', { share: shareOfRequests() }),
};

/** The schema of one item of `phases` in a workload file. */
export const phaseSchema = oneOf<PhaseSpec>('kind', Object.values(PHASES), Object.keys(PHASES));
