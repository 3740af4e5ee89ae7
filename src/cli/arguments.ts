import { InvariantError, UsageError } from '../errors.ts';

/**
 * What yargs parsed, read strictly. Every option with a value arrives as text and is parsed by its reader, because
 * yargs' own numbers turn `abc` into NaN without a word.
 */
export class Arguments {
  private readonly parsed: Readonly<Record<string, unknown>>;

  constructor(parsed: Readonly<Record<string, unknown>>) {
    this.parsed = parsed;
  }

  /** The same, with texts for options that were not given. */
  withDefaults(defaults: Readonly<Record<string, string>>): Arguments {
    const given = Object.entries(this.parsed).filter(([, value]) => value !== undefined);
    return new Arguments({ ...defaults, ...Object.fromEntries(given) });
  }

  has(name: string): boolean {
    return this.parsed[name] !== undefined;
  }

  /** Whether a switch is on. */
  flag(name: string): boolean {
    return this.parsed[name] === true;
  }

  /** The text of an option that may be given once. Throws UsageError when it was given more often, or empty. */
  one(name: string): string | undefined {
    const value = this.parsed[name];
    if (value === undefined) return undefined;
    if (Array.isArray(value))
      throw new UsageError(`--${name} was given ${value.length} times; give it once.`);
    if (value === '') throw new UsageError(`--${name} needs a value.`);
    return textOf(value);
  }

  /** The texts of an option that may be repeated and may hold comma lists; each once, in order. */
  list(name: string): string[] {
    const value = this.parsed[name];
    if (value === undefined) return [];
    const texts = [value].flat().flatMap((text) => textOf(text).split(','));
    if (texts.some((text) => text.trim() === ''))
      throw new UsageError(`--${name}: an empty entry in the list.`);
    return [...new Set(texts.map((text) => text.trim()))];
  }

  /** Positional arguments. */
  positionals(name: string): string[] {
    const value = this.parsed[name];
    return Array.isArray(value) ? value.map(textOf) : [];
  }
}

/** Every option but switches is declared as text. */
function textOf(value: unknown): string {
  if (typeof value !== 'string')
    throw new InvariantError(`expected text from yargs, got ${typeof value}`);
  return value;
}
