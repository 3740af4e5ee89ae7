import { z } from 'zod';
import type { Random } from '../../random.ts';
import { strictFields } from '../fields.ts';

/** Draws ranks: whole numbers in [0, count), 0 the hottest where the distribution has one. */
export interface PopularitySampler {
  next(random: Random): number;
  /**
   * Told when the key set has grown to `count` keys. A sampler without it was made for the final count, and a rank whose
   * key is not there yet is drawn again (as YCSB does).
   */
  grow?(count: number): void;
}

/** The `popularity` of a group as checked by its schema: a name and that distribution's own settings. */
export interface PopularitySpec {
  readonly distribution: string;
  /** Whether ranks are scattered over the key space; absent where the distribution has no such setting. */
  readonly scatter?: boolean;
  readonly [setting: string]: unknown;
}

/** One way keys are asked for: a file of this folder and a line of registry.ts. */
export interface PopularityDefinition {
  readonly name: string;
  /** One sentence for lists and for the JSON Schema. */
  readonly summary: string;
  readonly schema: z.ZodObject;
  /** A sampler over `count` keys (1 … 2^32), of which the first `born` are there at the start. */
  create(settings: PopularitySpec, count: number, born: number): PopularitySampler;
}

/**
 * Completes a definition: `fields` are its settings, `scatters` says whether neighbouring ranks may be put anywhere in the
 * key space (the setting `scatter`, on by default) or have a place of their own (a scan is a scan because of its order).
 */
export function definePopularity<Shape extends z.ZodRawShape>(definition: {
  readonly name: string;
  readonly summary: string;
  readonly scatters: boolean;
  readonly fields: Shape;
  readonly create: (
    settings: z.output<z.ZodObject<Shape>>,
    count: number,
    born: number,
  ) => PopularitySampler;
}): PopularityDefinition {
  const { name, summary, scatters, fields, create } = definition;
  const scatter = z
    .boolean('true or false')
    .default(true)
    .describe('Spread hot keys over the key space (default), or keep the hottest first.');
  return {
    name,
    summary,
    schema: strictFields({
      distribution: z.literal(name).describe(summary),
      ...fields,
      ...(scatters ? { scatter } : {}),
    }),
    create: (settings, count, born) =>
      // The schema above is what makes a PopularitySpec of this name, so its settings have these types.
      create(settings as unknown as z.output<z.ZodObject<Shape>>, count, born),
  };
}
