import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { fileTrouble, UsageError } from '../errors.ts';
import { readHost } from '../live/host.ts';
import type { Host, OvercommitMode } from '../sizing/host.ts';
import { parseSize } from '../units.ts';
import type { Arguments } from './arguments.ts';
import { parseWholeNumber } from './whole-number.ts';

const bytes = z.number().nonnegative();
/** A machine as `doctor --json` prints it; swap without a limit is null there. */
const HOST_SCHEMA = z.object({
  ramBytes: z.number().positive(),
  swapBytes: bytes,
  overcommitMemory: z.union([z.literal(0), z.literal(1), z.literal(2)]),
  overcommitRatio: bytes,
  overcommitBytes: bytes,
  hugePageBytes: bytes,
  committedByOthersBytes: bytes,
  container: z
    .object({ bytes, swapBytes: bytes.nullable().transform((swap) => swap ?? Infinity) })
    .nullish()
    .transform((container) => container ?? undefined),
  kernel: z.string(),
  transparentHugePages: z
    .enum(['always', 'madvise', 'never'])
    .nullish()
    .transform((mode) => mode ?? undefined),
});

/**
 * The machine that the options describe: that of --host-from, else the one found, with what single options say
 * instead. undefined when nothing is known. Throws UsageError.
 */
export async function hostOf(args: Arguments, found: Host | undefined): Promise<Host | undefined> {
  const file = args.one('host-from');
  const base = file === undefined ? found : await readHostFile(file);
  const size = (name: string): number | undefined => {
    const text = args.one(name);
    return text === undefined ? undefined : parseSize(text, `--${name}`);
  };
  const ram = size('ram');
  if (ram === 0) throw new UsageError('--ram: a machine without memory runs no server.');
  const overrides = ['swap', 'container-memory', 'overcommit-memory', 'overcommit-ratio', 'kernel'];
  if (base === undefined && ram === undefined) {
    const given = overrides.find((name) => args.has(name));
    if (given !== undefined) {
      throw new UsageError(`--${given}: how much memory has that machine? Give --ram as well.`);
    }
    return undefined;
  }
  const known = base ?? ANY_HOST;
  const container = size('container-memory');
  const ratio = args.one('overcommit-ratio');
  const mode = args.one('overcommit-memory');
  return {
    ...known,
    ramBytes: ram ?? known.ramBytes,
    swapBytes: size('swap') ?? known.swapBytes,
    ...(container === undefined ? {} : { container: limitOf(container) }),
    ...(mode === undefined ? {} : { overcommitMemory: Number(mode) as OvercommitMode }),
    ...(ratio === undefined
      ? {}
      : { overcommitRatio: parseWholeNumber(ratio, '--overcommit-ratio', 0, 1000) }),
    kernel: kernelOf(args) ?? known.kernel,
    transparentHugePages:
      (args.one('transparent-hugepage') as Host['transparentHugePages']) ??
      known.transparentHugePages,
  };
}

function kernelOf(args: Arguments): string | undefined {
  const kernel = args.one('kernel');
  if (kernel === undefined || /^\d+\.\d+/.test(kernel)) return kernel;
  throw new UsageError(`--kernel ${kernel}: must begin with a version such as 5.4 or 6.1.0-13.`);
}

/** Containers get no swap unless somebody says so. */
const limitOf = (bytes: number): Host['container'] =>
  bytes === 0 ? undefined : { bytes, swapBytes: 0 };

/** A machine of which only the memory is known: nothing else of it is held against the server. */
export const ANY_HOST: Host = {
  ramBytes: 0,
  swapBytes: 0,
  overcommitMemory: 1,
  overcommitRatio: 50,
  overcommitBytes: 0,
  hugePageBytes: 0,
  committedByOthersBytes: 0,
  container: undefined,
  kernel: '',
  transparentHugePages: undefined,
};

/** This machine, with the container of the server that has this process id, if it runs here. */
export const thisHost = (pid?: number): Host | undefined => readHost(pid);

async function readHostFile(file: string): Promise<Host> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw new UsageError(`--host-from ${file}: ${fileTrouble(error)}.`, { cause: error });
  }
  const whole = z.object({ host: z.unknown() }).safeParse(parsed);
  const host = HOST_SCHEMA.safeParse(whole.data?.host ?? parsed);
  if (!host.success) {
    const issue = host.error.issues[0];
    throw new UsageError(
      `--host-from ${file}: ${issue.path.join('.') || 'host'}: ${issue.message}. It wants what "evictlab doctor --json" prints.`,
    );
  }
  return host.data;
}
