import type { z } from 'zod';
import { duration, oneOf, size } from '../fields.ts';
import type { Amount, AmountDefinition, AmountSpec } from './amount.ts';
import { choice } from './choice.ts';
import { facebookEtcKeys } from './facebook-etc-keys.ts';
import { facebookEtcValues } from './facebook-etc-values.ts';
import { fixed } from './fixed.ts';
import { generalizedPareto } from './generalized-pareto.ts';
import { histogram } from './histogram.ts';
import { lognormal } from './lognormal.ts';
import { uniform } from './uniform.ts';

/** Every distribution of sizes and TTLs; the schema, the lists and the tests iterate it. */
export const AMOUNTS: readonly AmountDefinition[] = [
  fixed,
  uniform,
  lognormal,
  choice,
  histogram,
  generalizedPareto,
  facebookEtcValues,
  facebookEtcKeys,
];

/** A generator of the amounts that `spec` asks for; the schema has checked that its distribution exists. */
export function createAmount(spec: AmountSpec): Amount {
  return AMOUNTS.find((definition) => definition.name === spec.distribution)!.create(spec);
}

/** The schema of a size, with `extra` settings beside those of its distribution. */
export function sizeSchema<T extends AmountSpec>(extra: z.ZodRawShape): z.ZodType<T> {
  return oneOf<T>(
    'distribution',
    AMOUNTS.map((definition) => definition.schema(size, extra)),
    AMOUNTS.map((definition) => definition.name),
  );
}

/** The schema of a TTL, with `extra` settings beside those of its distribution. */
export function ttlSchema<T extends AmountSpec>(extra: z.ZodRawShape): z.ZodType<T> {
  const definitions = AMOUNTS.filter((definition) => definition.forTtl);
  return oneOf<T>(
    'distribution',
    definitions.map((definition) => definition.schema(duration, extra)),
    definitions.map((definition) => definition.name),
  );
}
