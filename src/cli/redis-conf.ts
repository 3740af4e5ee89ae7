import { readFile } from 'node:fs/promises';
import { UsageError } from '../errors.ts';

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
  const lines = (await readText(file)).split('\n');
  for (const [index, line] of lines.entries()) {
    const where = `${file}:${index + 1}`;
    const trimmed = line.trim();
    if (trimmed === '' || trimmed.startsWith('#')) continue;
    const words = splitWords(trimmed, where);
    const name = words[0].toLowerCase();
    if (name === 'include')
      warn(`${where}: include isn't followed; give that file's settings yourself.`);
    if (!DIRECTIVES.includes(name)) continue;
    if (words.length !== 2) {
      throw new UsageError(`${where}: ${name} takes one value, got ${words.length - 1}.`);
    }
    const text = words[1];
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

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new UsageError(`--redis-conf ${file}: ${(error as Error).message}.`, { cause: error });
  }
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
