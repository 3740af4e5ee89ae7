import { execFile } from 'node:child_process';
import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const COMPILERS = ['cc', 'gcc', 'clang'];
// From dist/src/live; the package ships the C source where the repository has it.
const SOURCE = fileURLToPath(new URL('../../../src/live/trace-clock.c', import.meta.url));
const PAGE_BYTES = 4096;

const run = promisify(execFile);

/** The preload library, or why there is none. */
export type ClockLibrary =
  | { readonly state: 'built'; readonly file: string }
  | { readonly state: 'missing'; readonly reason: string };

/** Builds the preload library in `folder` with the machine's C compiler. */
export async function buildClockLibrary(folder: string): Promise<ClockLibrary> {
  if (process.platform !== 'linux') {
    return { state: 'missing', reason: `it needs Linux, this is ${process.platform}` };
  }
  const file = join(folder, 'trace-clock.so');
  for (const compiler of COMPILERS) {
    try {
      await run(compiler, ['-O2', '-shared', '-fPIC', '-o', file, SOURCE]);
      return { state: 'built', file };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') continue;
      const firstLine = (error as Error).message.split('\n').at(1) ?? (error as Error).message;
      return { state: 'missing', reason: `${compiler} can't build it (${firstLine.trim()})` };
    }
  }
  return { state: 'missing', reason: `there is no C compiler (tried ${COMPILERS.join(', ')})` };
}

/** The clock of one server: a number in a page that the preload library maps. */
export class TraceClock {
  /** For the server's environment. */
  readonly environment: Readonly<Record<string, string>>;
  private readonly page: number;
  private readonly bytes = Buffer.alloc(8);
  private setMs: number;

  /** `startMs`: unix time the server starts at. */
  constructor(library: string, pageFile: string, startMs: number) {
    this.environment = { LD_PRELOAD: library, EVICTLAB_CLOCK_FILE: pageFile };
    writeFileSync(pageFile, Buffer.alloc(PAGE_BYTES));
    this.page = openSync(pageFile, 'r+');
    this.setMs = startMs;
    this.set(startMs);
  }

  /** Unix time the clock shows, ms. */
  get nowMs(): number {
    return this.setMs;
  }

  set(unixMs: number): void {
    this.setMs = unixMs;
    this.bytes.writeBigInt64LE(BigInt(Math.round(unixMs * 1000)));
    writeSync(this.page, this.bytes, 0, 8, 0);
  }

  close(): void {
    closeSync(this.page);
  }
}
