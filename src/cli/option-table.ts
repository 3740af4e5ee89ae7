import type { Options } from 'yargs';

/** Options of a command by their names. */
export type OptionTable = Readonly<Record<string, Options>>;

/** An option with a value: text until its own reader has looked at it. */
export function value(group: string, describe: string, more: Options = {}): Options {
  return { group, describe, type: 'string', requiresArg: true, ...more };
}

/** Like {@link value}; may be repeated. */
export const values = (group: string, describe: string): Options =>
  value(group, describe, { array: true });

export const toggle = (group: string, describe: string): Options => ({
  group,
  describe,
  type: 'boolean',
});

/** Some of a table, in its order. */
export function only(table: OptionTable, names: readonly string[]): OptionTable {
  return Object.fromEntries(Object.entries(table).filter(([name]) => names.includes(name)));
}
