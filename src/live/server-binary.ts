import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { UsageError } from '../errors.ts';

/** A server program and what it says of itself. */
export interface ServerBinary {
  readonly command: string;
  /** `redis 7.0.15` or `valkey 8.1.1`. */
  readonly flavour: 'redis' | 'valkey';
  readonly version: string;
}

/** Asks a program for its version. Throws UsageError when it isn't there or is no Redis or Valkey server. */
export async function serverBinary(given: string): Promise<ServerBinary> {
  // Servers run in a folder of their own, where a relative path means something else.
  const command = given.includes('/') ? resolve(given) : given;
  let answer: string;
  try {
    answer = (await promisify(execFile)(command, ['--version'], { timeout: 10_000 })).stdout;
  } catch (error) {
    const { code, message, stderr } = error as NodeJS.ErrnoException & { stderr?: string };
    const said = stderr?.trim() === '' ? undefined : stderr?.trim();
    const problem =
      code === 'ENOENT'
        ? 'no such program'
        : code === 'EACCES'
          ? 'not a program that may be run'
          : `does not answer to --version (${(said ?? message).split('\n')[0]})`;
    throw new UsageError(
      `--server-bin ${given}: ${problem}. Give redis-server, valkey-server or a path to one.`,
      { cause: error },
    );
  }
  const match = /^(Redis|Valkey) server v=(\S+)/.exec(answer);
  if (match === null) {
    const got = answer.split('\n')[0].slice(0, 60);
    throw new UsageError(
      `--server-bin ${given}: is no Redis or Valkey server; to --version it says "${got}".`,
    );
  }
  return { command, flavour: match[1] === 'Redis' ? 'redis' : 'valkey', version: match[2] };
}
