import { z } from 'zod';
import type { AmountSpec } from './amounts/amount.ts';
import { sizeSchema, ttlSchema } from './amounts/registry.ts';
import { arrivalSchema, type ArrivalSpec } from './arrival.ts';
import type { PopularitySpec } from './distributions/popularity.ts';
import { popularitySchema } from './distributions/registry.ts';
import { fraction, positive, strictFields, whole } from './fields.ts';
import { operationsSchema, type OperationMix } from './operation-mix.ts';
import { phaseSchema, type PhaseSpec } from './phases.ts';

/** Value sizes in bytes; `redraw` draws a new one at each request instead of once for each key. */
export type SizeSpec = AmountSpec & { readonly redraw: boolean };

/** TTLs in milliseconds, on a fraction of the keys. */
export type TtlSpec = AmountSpec & {
  readonly redraw: boolean;
  readonly fraction: number;
  readonly jitter: number;
};

/** One kind of keys and the requests to them. */
export interface GroupSpec {
  readonly name: string;
  /** Operations of this group, in proportion to the other groups. */
  readonly weight: number;
  readonly keys: { readonly count: number; readonly bytes: AmountSpec };
  readonly popularity: PopularitySpec;
  readonly operations: OperationMix;
  /** The most keys one `scan` operation reads. */
  readonly scan_keys: number;
  readonly values: SizeSpec;
  readonly ttl?: TtlSpec | undefined;
  readonly phases: readonly PhaseSpec[];
}

/** A workload, checked and complete: plain data, what generate.ts makes a trace of. */
export interface WorkloadSpec {
  readonly name: string;
  readonly description: string;
  readonly seed: number;
  /** Rows of the trace. */
  readonly requests: number;
  readonly arrival: ArrivalSpec;
  readonly groups: readonly GroupSpec[];
}

export const MAX_REQUESTS = 2 ** 31;
const MAX_KEYS = 2 ** 32;

/** The schema of `seed`, for flags as well as files. */
export const seedSchema = whole(0, Number.MAX_SAFE_INTEGER);
/** The schema of `requests`, for flags as well as files. */
export const requestsSchema = whole(1, MAX_REQUESTS);

const redraw = z
  .boolean('true or false')
  .default(false)
  .describe('Draw at each request; default: once for each key.');

const groupFields = {
  keys: strictFields({
    count: whole(1, MAX_KEYS).describe('How many keys there are (at the start, if they grow).'),
    bytes: sizeSchema({})
      .prefault({ distribution: 'fixed', value: 16 })
      .describe('Lengths of the key names; at least what `k` and the number of the key need.'),
  }),
  popularity: popularitySchema.describe('Which keys are asked for how often.'),
  operations: operationsSchema
    .prefault({ get: 1 })
    .describe('What is done, by weight; a get that misses is followed by a set of the key.'),
  scan_keys: whole(1, 1_000_000)
    .default(100)
    .describe('A `scan` reads 1 to this many keys in key order.'),
  values: sizeSchema<SizeSpec>({ redraw }).describe('Sizes of the values.'),
  ttl: ttlSchema<TtlSpec>({
    fraction: fraction().default(1).describe('Fraction of the keys that have a TTL.'),
    jitter: fraction()
      .default(0)
      .describe('Each write varies the TTL by up to this fraction, up and down.'),
    redraw,
  })
    .optional()
    .describe('Time to live of what is written; absent: none.'),
  phases: z
    .array(phaseSchema, 'a list of phases')
    .default([])
    .describe('What changes over time; phases may overlap.'),
};

/** An EXPIRE needs a TTL to give. */
function checkExpire(
  group: { operations: OperationMix; ttl?: unknown },
  context: z.RefinementCtx,
): void {
  if ((group.operations.expire ?? 0) > 0 && group.ttl === undefined) {
    context.addIssue({
      code: 'custom',
      path: ['operations', 'expire'],
      message: 'expire needs a ttl: say which TTL it gives.',
    });
  }
}

const fileFields = {
  description: z
    .string('one sentence')
    .min(1, 'one sentence')
    .regex(/^[^\n]*$/, 'one line')
    .optional()
    .describe('One sentence for `evictlab list workloads`.'),
  seed: seedSchema.default(1).describe('Of all randomness in the trace.'),
  requests: requestsSchema.describe('Rows of the trace.'),
  arrival: arrivalSchema
    .prefault({ pattern: 'constant', rate: 1000 })
    .describe('When requests come.'),
};

/** A file with one kind of keys. */
export const simpleFileSchema = strictFields({ ...fileFields, ...groupFields }).superRefine(
  checkExpire,
);

const groupSchema = strictFields({
  weight: positive().describe('Operations on this group, in proportion to the other groups.'),
  ...groupFields,
}).superRefine(checkExpire);

/** A file with several kinds of keys. */
export const groupedFileSchema = strictFields({
  ...fileFields,
  groups: z
    .record(z.string(), groupSchema, 'a mapping from group names to groups')
    .refine((groups) => Object.keys(groups).length > 0, 'There is no group.')
    .describe('Kinds of keys, each with its own settings and its share of the requests.'),
});

/** Whether a file's content is of the grouped form. */
export function hasGroups(content: unknown): boolean {
  return typeof content === 'object' && content !== null && 'groups' in content;
}

/** The workload of a file's checked content. */
export function workloadSpec(
  name: string,
  content: z.output<typeof simpleFileSchema> | z.output<typeof groupedFileSchema>,
): WorkloadSpec {
  const { description, seed, requests, arrival } = content;
  const groups =
    'groups' in content
      ? Object.entries(content.groups).map(([group, fields]) => ({ ...fields, name: group }))
      : [{ ...onlyGroup(content), name: 'all', weight: 1 }];
  return { name, description: description ?? '', seed, requests, arrival, groups };
}

function onlyGroup(content: z.output<typeof simpleFileSchema>): Omit<GroupSpec, 'name' | 'weight'> {
  const { keys, popularity, operations, scan_keys, values, ttl, phases } = content;
  return { keys, popularity, operations, scan_keys, values, ttl, phases };
}
