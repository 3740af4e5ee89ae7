import { z } from 'zod';
import { unknownName } from '../nearest.ts';
import { parseDuration, parseSize } from '../units.ts';
import { MAX_TTL_SECONDS } from '../trace/ttl.ts';

/**
 * The kinds of values a workload file may hold. An error message is either a noun phrase saying what is allowed, of
 * which parse.ts makes a sentence with the place and what was given, or a sentence of its own, with a full stop.
 */

/** The largest value a server stores (`proto-max-bulk-len`). */
export const MAX_VALUE_BYTES = 512 * 1024 ** 2;

const TOO_LARGE = 'at most 512mb, the largest value a server stores';

/** A number in [0, 1]. */
export function fraction(): z.ZodNumber {
  const allowed = 'a fraction from 0 to 1, for example 0.25';
  return z.number(allowed).min(0, allowed).max(1, allowed);
}

/** A fraction that is not nought. */
export function share(): z.ZodNumber {
  const allowed = 'a fraction above 0 and up to 1, for example 0.25';
  return z.number(allowed).gt(0, allowed).max(1, allowed);
}

/** A finite number ≥ 0. */
export function atLeastZero(): z.ZodNumber {
  const allowed = 'a number of 0 or more';
  return z.number(allowed).min(0, allowed);
}

/** A finite number > 0. */
export function positive(): z.ZodNumber {
  const allowed = 'a number above 0';
  return z.number(allowed).gt(0, allowed);
}

/** A whole number from `min` to `max`. */
export function whole(min: number, max: number): z.ZodNumber {
  const allowed = `a whole number from ${min} to ${max}`;
  return z.number(allowed).int(allowed).min(min, allowed).max(max, allowed);
}

/** Bytes: a whole number, or a string with a unit as in redis.conf. */
export function size(): z.ZodType<number> {
  const allowed =
    'a size: a whole number of bytes, or one with a unit as in redis.conf (2kb, 10mb)';
  return z
    .union(
      [
        z.number(allowed).int(allowed).min(0, allowed).max(MAX_VALUE_BYTES, TOO_LARGE),
        z.string(allowed).regex(/^[0-9]+([bB]|[kKmMgG][bB]?)?$/, allowed),
      ],
      allowed,
    )
    .transform((given) => (typeof given === 'number' ? given : parseSize(given, 'size')))
    .refine((bytes) => bytes <= MAX_VALUE_BYTES, TOO_LARGE);
}

/** Milliseconds, written as a string with units; a bare number would leave the unit to guess. */
export function duration(): z.ZodType<number> {
  const allowed = 'a duration: a number with ms, s, m, h or d (500ms, 90s, 1h30m, 7d)';
  return z
    .string(allowed)
    .regex(/^([0-9]+(\.[0-9]+)?(ms|s|m|h|d))+$/, allowed)
    .transform((given) => parseDuration(given, 'duration'))
    .refine((ms) => ms >= 1, 'at least 1ms')
    .refine((ms) => ms <= MAX_TTL_SECONDS * 1000, 'at most 24855d (68 years)');
}

/** An object with exactly these keys; an unknown one is answered with the nearest and all known. */
export function strictFields<Shape extends z.ZodRawShape>(
  shape: Shape,
): z.ZodObject<Shape, z.core.$strict> {
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? unknownName('key', issue.keys[0], Object.keys(shape))
        : `a mapping with the keys ${Object.keys(shape).join(', ')}`,
  });
}

/** One of several objects, told apart by the name under `key`. */
export function oneOf<T>(
  key: string,
  options: readonly z.ZodObject[],
  names: readonly string[],
): z.ZodType<T> {
  const union = z.discriminatedUnion(key, options as [z.ZodObject, ...z.ZodObject[]], {
    error: ({ input }) => {
      const list = names.join(', ');
      if (typeof input !== 'object' || input === null || Array.isArray(input)) {
        return `a mapping with "${key}" (one of ${list}) and its settings`;
      }
      const given = (input as Record<string, unknown>)[key];
      return typeof given === 'string' ? unknownName(key, given, names) : `one of ${list}`;
    },
  });
  // The caller's registry knows the type; zod cannot derive it from a list of unknown length.
  return union as z.ZodType as z.ZodType<T>;
}
