import { readFile } from 'node:fs/promises';
import { fileTrouble, UsageError } from '../errors.ts';

/** The directives that matter to eviction; each is also an option of the same name but for maxmemory-policy. */
const DIRECTIVES: readonly string[] = [
  'maxmemory',
  'maxmemory-policy',
  'maxmemory-samples',
  'maxmemory-eviction-tenacity',
  'lfu-log-factor',
  'lfu-decay-time',
  'hz',
  'active-expire-effort',
];

/** A directive's value and where it stands, for errors. */
export interface Directive {
  readonly text: string;
  /** `redis.conf:12: maxmemory` */
  readonly what: string;
}

/**
 * The eviction settings of a redis.conf, by directive; the last of several counts, as in the server. Other directives
 * are left out, `include` with a warning. Throws UsageError with the line of what the server would refuse as well.
 */
export async function readRedisConf(
  file: string,
  warn: (message: string) => void,
): Promise<ReadonlyMap<string, Directive>> {
  const found = new Map<string, Directive>();
  for (const { name, words, where } of await readDirectives(file, '--redis-conf ', warn)) {
    if (!DIRECTIVES.includes(name)) continue;
    if (words.length !== 1) {
      throw new UsageError(`${where}: ${name} takes one value, got ${words.length}.`);
    }
    const text = words[0];
    if (name === 'maxmemory' && text.includes('%')) {
      throw new UsageError(
        `${where}: maxmemory ${text}: no server takes a percentage here. Write a size such as 100mb; ` +
          `for a share of the workload's footprint use --maxmemory ${text}.`,
      );
    }
    found.set(name, { text, what: `${where}: ${name}` });
  }
  return found;
}

/** A line of a redis.conf: a directive's name in small letters, and what follows it. */
export interface ConfLine {
  readonly name: string;
  readonly words: readonly string[];
  /** `redis.conf:12` */
  readonly where: string;
}

/** All directives of a redis.conf, in order. `what` goes before the file's name in errors. Throws UsageError. */
export async function readDirectives(
  file: string,
  what: string,
  warn: (message: string) => void,
): Promise<ConfLine[]> {
  const found: ConfLine[] = [];
  const lines = (await readText(file, what)).split('\n');
  for (const [index, line] of lines.entries()) {
    const where = `${file}:${index + 1}`;
    const trimmed = line.trim();
    if (trimmed === '' || trimmed.startsWith('#')) continue;
    const [name, ...words] = splitWords(trimmed, where);
    if (name.toLowerCase() === 'include') {
      warn(`${where}: include isn't followed; give that file's settings yourself.`);
    }
    found.push({ name: name.toLowerCase(), words, where });
  }
  return found;
}

async function readText(file: string, what: string): Promise<string> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new UsageError(`${what}${file}: ${fileTrouble(error)}.`, { cause: error });
  }
  if (text.includes('\0')) throw new UsageError(`${what}${file}: not a text file.`);
  return text;
}

/** Words of a line; quoted ones as the server reads them, with backslash escapes within double quotes. */
function splitWords(line: string, where: string): string[] {
  const words: string[] = [];
  const word = /\s*(?:"((?:[^"\\]|\\.)*)"(?=\s|$)|'((?:[^'\\]|\\.)*)'(?=\s|$)|([^\s"']\S*))/y;
  while (word.lastIndex < line.length) {
    const at = word.lastIndex;
    const match = word.exec(line);
    if (match === null) {
      throw new UsageError(`${where}: unbalanced quotes in: ${line.slice(at).trim()}`);
    }
    const [, doubleQuoted, singleQuoted, bare] = match as (string | undefined)[];
    words.push(bare ?? (doubleQuoted ?? singleQuoted ?? '').replace(/\\(.)/g, '$1'));
  }
  return words;
}
