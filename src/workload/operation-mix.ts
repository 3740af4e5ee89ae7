import type { z } from 'zod';
import type { Random } from '../random.ts';
import { OPERATIONS, type Operation } from '../trace/operations.ts';
import { Categorical } from './categorical.ts';
import { atLeastZero, strictFields } from './fields.ts';

/** A get and then a set of the same key: two rows. */
export const READ_MODIFY_WRITE = OPERATIONS.length;
/** Gets of a run of keys in key order: 1 to `scan_keys` rows. */
export const SCAN = OPERATIONS.length + 1;

/** What a workload may mix: the rows a trace has, and two operations made of several rows. */
export const MIXED_OPERATIONS = [...OPERATIONS, 'read-modify-write', 'scan'] as const;

export type MixedOperation = Operation | 'read-modify-write' | 'scan';
export type OperationMix = Readonly<Partial<Record<MixedOperation, number>>>;

/** The schema of `operations`: weights, of which at least one is above 0. */
export const operationsSchema: z.ZodType<OperationMix> = strictFields(
  Object.fromEntries(MIXED_OPERATIONS.map((name) => [name, atLeastZero().optional()])),
).refine(
  (mix) => Object.values(mix).some((weight) => weight !== undefined && weight > 0),
  'No operation has a weight above 0.',
);

/** Draws codes of operations.ts, READ_MODIFY_WRITE or SCAN in proportion to their weights. */
export class OperationSource {
  private readonly random: Random;
  private readonly codes: readonly number[];
  private readonly choice: Categorical;

  constructor(mix: OperationMix, random: Random) {
    const wanted = MIXED_OPERATIONS.map((name, code) => ({ code, weight: mix[name] ?? 0 }));
    const present = wanted.filter(({ weight }) => weight > 0);
    this.random = random;
    this.codes = present.map(({ code }) => code);
    this.choice = new Categorical(present.map(({ weight }) => weight));
  }

  next(): number {
    const { codes } = this;
    return codes.length === 1 ? codes[0] : codes[this.choice.next(this.random)];
  }
}
