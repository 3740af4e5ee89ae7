import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { UsageError } from './errors.ts';

/**
 * Writes a file whole or not at all: into a temporary file beside it, then over it by rename. Missing folders are
 * made; a name ending in `.gz` is compressed. Throws UsageError when the place can't be written to.
 */
export async function writeAtomically(
  file: string,
  chunks: Iterable<string> | AsyncIterable<string>,
): Promise<void> {
  const folder = dirname(resolve(file));
  const temporary = join(folder, `.${basename(file)}.${process.pid}.tmp`);
  try {
    await mkdir(folder, { recursive: true });
    const source = Readable.from(chunks);
    const target = createWriteStream(temporary, { flags: 'w' });
    await (file.toLowerCase().endsWith('.gz')
      ? pipeline(source, createGzip(), target)
      : pipeline(source, target));
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw unwritable(file, error);
  }
}

/**
 * Throws UsageError when {@link writeAtomically} could not write `file`: called before hours of work. Tries it in the
 * nearest folder that exists, and leaves nothing behind.
 */
export async function checkWritable(file: string): Promise<void> {
  try {
    const target = await stat(file).catch(ignoreMissing);
    if (target?.isDirectory() === true)
      throw new UsageError(`${file}: is a folder; give a file name.`);
    let folder = dirname(resolve(file));
    while ((await stat(folder).catch(ignoreMissing)) === undefined) folder = dirname(folder);
    const probe = join(folder, `.evictlab.${process.pid}.tmp`);
    await writeFile(probe, '');
    await rm(probe);
  } catch (error) {
    throw unwritable(file, error);
  }
}

function ignoreMissing(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
  throw error;
}

function unwritable(file: string, error: unknown): unknown {
  if (error instanceof UsageError || !(error instanceof Error) || !('syscall' in error))
    return error;
  return new UsageError(`${file}: can't be written (${error.message}). Choose another place.`, {
    cause: error,
  });
}
