import { execFileSync } from 'node:child_process';
import { readFileSync, realpathSync } from 'node:fs';
import { arch, availableParallelism, cpus, platform } from 'node:os';
import { join } from 'node:path';

/** Where timings were taken, and of what. */
export interface Environment {
  readonly cpu: string;
  readonly cores: number;
  readonly platform: string;
  readonly node: string;
  /** Version of the package. */
  readonly evictlab: string;
  /** Commit the build came from, `-dirty` with changes on top; '' when the folder is no checkout. */
  readonly commit: string;
}

/** This machine and this Node, and the build in `packageFolder`. */
export function environmentOf(packageFolder: string): Environment {
  return {
    cpu: cpus().at(0)?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    platform: `${platform()} ${arch()}`,
    node: process.version,
    evictlab: versionOf(packageFolder),
    commit: commitOf(packageFolder),
  };
}

function versionOf(folder: string): string {
  try {
    const manifest = readFileSync(join(folder, 'package.json'), 'utf8');
    return (JSON.parse(manifest) as { version?: string }).version ?? 'unknown';
  } catch {
    return 'unknown';
  }
}

/** Why timings of the two can't be compared; empty when they can. */
export function differences(a: Environment, b: Environment): string[] {
  const what = { cpu: 'CPU', cores: 'cores', platform: 'platform', node: 'Node' } as const;
  return (['cpu', 'cores', 'platform', 'node'] as const)
    .filter((field) => a[field] !== b[field])
    .map((field) => `${what[field]} ${a[field]} then, ${b[field]} now`);
}

/** The package inside somebody else's checkout (node_modules) has no commit: theirs says nothing about it. */
function commitOf(folder: string): string {
  const git = (...args: string[]): string =>
    execFileSync('git', ['-C', folder, ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  try {
    if (realpathSync(git('rev-parse', '--show-toplevel')) !== realpathSync(folder)) return '';
    const dirty = git('status', '--porcelain', '--untracked-files=no') === '' ? '' : '-dirty';
    return git('rev-parse', '--short=12', 'HEAD') + dirty;
  } catch {
    return '';
  }
}
