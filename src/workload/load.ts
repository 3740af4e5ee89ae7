import { readFile, readdir, stat } from 'node:fs/promises';
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { fileTrouble, InvariantError, UsageError } from '../errors.ts';
import { unknownName } from '../nearest.ts';
import type { WorkloadSpec } from './spec.ts';

/** What flags may replace in a workload file. */
export interface WorkloadOverrides {
  readonly seed?: number | undefined;
  readonly requests?: number | undefined;
}

/** A file of `workloads/`. */
export interface BuiltinWorkload {
  readonly name: string;
  readonly path: string;
  readonly description: string;
}

/** The folder of the package: the sources run from src/, the compiled code from dist/src/. */
export function packageRoot(): string {
  for (let folder = import.meta.dirname; ; folder = dirname(folder)) {
    const manifest = join(folder, 'package.json');
    if (existsSync(manifest)) {
      const { name } = JSON.parse(readFileSync(manifest, 'utf8')) as { name?: string };
      if (name === 'evictlab') return folder;
    }
    if (folder === dirname(folder)) {
      throw new InvariantError(`No package.json of evictlab above ${import.meta.dirname}.`);
    }
  }
}

/** The workloads that come with evictlab, by name. */
export async function builtinWorkloads(): Promise<BuiltinWorkload[]> {
  const folder = join(packageRoot(), 'workloads');
  const files = (await readdir(folder)).filter((file) => file.endsWith('.yaml')).sort();
  const { parse } = await import('yaml');
  return Promise.all(
    files.map(async (file) => {
      const path = join(folder, file);
      const content = parse(await readFile(path, 'utf8')) as { description?: unknown };
      return { name: basename(file, '.yaml'), path, description: String(content.description) };
    }),
  );
}

/**
 * The workload of a built-in name or of a file (.yaml, .yml or .json), with what `overrides` replaces. Throws UsageError
 * when there is no such workload, the file cannot be read, its content is wrong, or an override is out of range.
 */
export async function loadWorkload(
  nameOrPath: string,
  overrides: WorkloadOverrides = {},
): Promise<WorkloadSpec> {
  const path = await locate(nameOrPath);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new UsageError(`${nameOrPath}: cannot be read (${fileTrouble(error)}).`, {
      cause: error,
    });
  }
  // Zod takes longer to load than all the rest; commands that need no workload should not wait for it.
  const { parseWorkload } = await import('./parse.ts');
  const { seedSchema, requestsSchema } = await import('./spec.ts');
  const shown = path === nameOrPath ? path : `${nameOrPath} (${basename(path)})`;
  const spec = parseWorkload(text, basename(path, extname(path)), shown);
  return {
    ...spec,
    seed: overridden('seed', seedSchema, overrides.seed, spec.seed),
    requests: overridden('requests', requestsSchema, overrides.requests, spec.requests),
  };
}

function overridden(
  what: string,
  schema: { safeParse(value: unknown): { error?: { issues: { message: string }[] } | undefined } },
  given: number | undefined,
  own: number,
): number {
  if (given === undefined) return own;
  const { error } = schema.safeParse(given);
  if (error) throw new UsageError(`${what} must be ${error.issues[0].message}; got ${given}.`);
  return given;
}

/** A file if there is one of that name, else the built-in. */
async function locate(nameOrPath: string): Promise<string> {
  const isFile = await stat(nameOrPath).then(
    (entry) => entry.isFile(),
    () => false,
  );
  if (isFile) return nameOrPath;
  if (/[/\\]|\.(ya?ml|json)$/.test(nameOrPath)) {
    throw new UsageError(`${nameOrPath}: there is no such workload file.`);
  }
  const folder = join(packageRoot(), 'workloads');
  const names = (await readdir(folder))
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => basename(file, '.yaml'))
    .sort();
  if (names.includes(nameOrPath)) return join(folder, `${nameOrPath}.yaml`);
  throw new UsageError(
    `${unknownName('workload', nameOrPath, names)} Or give the path of a workload file.`,
  );
}
