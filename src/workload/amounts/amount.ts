import { z } from 'zod';
import type { Random } from '../../random.ts';
import { strictFields } from '../fields.ts';

/** Draws amounts: bytes or milliseconds, unrounded. */
export interface Amount {
  next(random: Random): number;
  /** The amount, when it is always the same. */
  readonly constant?: number;
}

/** The settings of an amount as checked by its schema: a name and that distribution's own settings. */
export interface AmountSpec {
  readonly distribution: string;
  readonly [setting: string]: unknown;
}

/** One distribution of sizes, of TTLs or of both: a file of this folder and a line of registry.ts. */
export interface AmountDefinition {
  readonly name: string;
  /** One sentence for lists and for the JSON Schema. */
  readonly summary: string;
  /** Whether it can be a TTL as well as a size. */
  readonly forTtl: boolean;
  /** The settings, when amounts are written as `unit` (a size or a duration). */
  schema(unit: () => z.ZodType<number>, extra: z.ZodRawShape): z.ZodObject;
  create(settings: AmountSpec): Amount;
}

/** What is wrong with settings that are right one by one, and at which of them. */
export interface Contradiction {
  readonly at: string;
  readonly message: string;
}

/** Completes a definition; `check` looks at settings together. */
export function defineAmount<Shape extends z.ZodRawShape>(definition: {
  readonly name: string;
  readonly summary: string;
  readonly forTtl: boolean;
  readonly fields: (unit: () => z.ZodType<number>) => Shape;
  readonly check?: (settings: z.output<z.ZodObject<Shape>>) => Contradiction | undefined;
  readonly create: (settings: z.output<z.ZodObject<Shape>>) => Amount;
}): AmountDefinition {
  const { name, summary, forTtl, fields, check, create } = definition;
  // The schema is what makes an AmountSpec of this name, so its settings have these types.
  const typed = (settings: unknown): z.output<z.ZodObject<Shape>> =>
    settings as z.output<z.ZodObject<Shape>>;
  return {
    name,
    summary,
    forTtl,
    schema: (unit, extra) =>
      strictFields({
        distribution: z.literal(name).describe(summary),
        ...fields(unit),
        ...extra,
      }).superRefine((settings, context) => {
        const wrong = check?.(typed(settings));
        if (wrong) {
          context.addIssue({ code: 'custom', path: [wrong.at], message: wrong.message });
        }
      }),
    create: (settings) => create(typed(settings)),
  };
}
