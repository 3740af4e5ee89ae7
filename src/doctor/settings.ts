import { distance } from 'fastest-levenshtein';
import { UsageError } from '../errors.ts';
import { parseSize } from '../units.ts';

/** A directive as it was found. */
export interface Setting {
  readonly text: string;
  /** `redis.conf:12` or `CONFIG GET`. */
  readonly where: string;
}

/** Directives that may stand on several lines, each of which adds to the others. */
const REPEATED: readonly string[] = ['save', 'client-output-buffer-limit'];
/** Names of older versions. */
const ALIASES: Readonly<Partial<Record<string, string>>> = {
  'slave-ignore-maxmemory': 'replica-ignore-maxmemory',
};

/** A server's configuration: what a file or the server itself says, and the defaults for the rest. */
export class Settings {
  private readonly found = new Map<string, Setting>();
  private readonly isComplete: boolean;

  /** Of a complete configuration what is not stated has its default; else it is empty: not known. */
  constructor(isComplete = true) {
    this.isComplete = isComplete;
  }

  /** Adds a directive; the last of several counts, as in the server. */
  add(name: string, words: readonly string[], where: string): void {
    const known = ALIASES[name] ?? name;
    const before = this.found.get(known);
    const isReset = words.length === 1 && words[0] === '';
    const text =
      REPEATED.includes(known) && before !== undefined && !isReset
        ? `${before.text} ${words.join(' ')}`.trim()
        : words.join(' ');
    this.found.set(known, { text, where });
  }

  /** What is stated, by names as they are today. */
  stated(): { readonly name: string; readonly setting: Setting }[] {
    return [...this.found].map(([name, setting]) => ({ name, setting }));
  }

  /** Lines whose names are, but for a slip or two, those of directives that are examined. */
  misspelt(): { readonly name: string; readonly meant: string; readonly setting: Setting }[] {
    return [...this.found].flatMap(([name, setting]) => {
      const meant = meantBy(name);
      return meant === undefined ? [] : [{ name, meant, setting }];
    });
  }

  text(name: string): string {
    return this.found.get(name)?.text ?? (this.isComplete ? DEFAULTS[name] : undefined) ?? '';
  }

  /** `maxmemory 100mb (redis.conf:12)`, for evidence. */
  quote(name: string): string {
    const setting = this.found.get(name);
    const shown = this.text(name);
    return `${name} ${shown === '' ? '""' : shown} (${setting?.where ?? 'default'})`;
  }

  /** A size; NaN when it is none the server takes. */
  bytes(name: string): number {
    const text = this.text(name);
    if (text === '') return 0;
    try {
      return parseSize(text, name);
    } catch (error) {
      if (error instanceof UsageError) return NaN;
      throw error;
    }
  }

  /** A whole number; NaN when it is none. */
  number(name: string): number {
    const text = this.text(name);
    return /^-?\d+$/.test(text) ? Number(text) : NaN;
  }

  isYes(name: string): boolean {
    return this.text(name).toLowerCase() === 'yes';
  }
}

/** Values of directives that nobody has stated: those of every version modelled. */
const DEFAULTS: Readonly<Partial<Record<string, string>>> = {
  maxmemory: '0',
  'maxmemory-policy': 'noeviction',
  'maxmemory-samples': '5',
  'maxmemory-eviction-tenacity': '10',
  'lfu-log-factor': '10',
  'lfu-decay-time': '1',
  hz: '10',
  'active-expire-effort': '1',
  save: '3600 1 300 100 60 10000',
  appendonly: 'no',
  'stop-writes-on-bgsave-error': 'yes',
  'replica-ignore-maxmemory': 'yes',
  'repl-backlog-size': '1mb',
  'maxmemory-clients': '0',
  'client-output-buffer-limit': 'normal 0 0 0 replica 256mb 64mb 60 pubsub 32mb 8mb 60',
  'disable-thp': 'yes',
  'oom-score-adj': 'no',
};

/** Of names as long as these no server has two so much alike (CONFIG GET of Redis 5.0.7, 7.4.1, 8.6.3, Valkey 9.1.2). */
const MOST_TYPOS = 2;
const SHORTEST_TO_TELL = 9;

/** The directive that a name of no server is a slip of the finger for. */
function meantBy(name: string): string | undefined {
  if (Object.hasOwn(DEFAULTS, name)) return undefined;
  return Object.keys(DEFAULTS).find(
    (known) => known.length >= SHORTEST_TO_TELL && distance(name, known) <= MOST_TYPOS,
  );
}
