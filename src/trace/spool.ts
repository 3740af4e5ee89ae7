import { randomUUID } from 'node:crypto';
import { closeSync, openSync, readSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { InvariantError, UsageError } from '../errors.ts';
import type { TraceFacts, TraceRows } from './trace.ts';

export type Column = Exclude<keyof TraceRows, 'tickMs'>;
export const ALL_COLUMNS: readonly Column[] = ['times', 'keys', 'valueBytes', 'ttls', 'ops'];

/** Bytes per row in front of each column, in a chunk. */
const STARTS: Readonly<Record<Column, number>> = {
  times: 0,
  keys: 4,
  valueBytes: 8,
  ttls: 12,
  ops: 16,
};
const ROW_BYTES = 17;
/** Rows that are written and read at a time: 18 MB. */
const CHUNK_ROWS = 1 << 20;

/** An open spool as threads know it: the descriptor is the process's, so that all of them read through it. */
export interface SpoolFile {
  readonly descriptor: number;
  /** Rows of every chunk; the last one may have fewer. */
  readonly chunkRows: number;
}

/** A trace whose rows lie in a spool. A plain value, posted to workers as it is. It has no names of keys. */
export interface SpooledTrace extends TraceFacts {
  readonly spool: SpoolFile;
}

/**
 * A file for the rows of one trace, chunk by chunk, in a chunk column by column. It has no name: it is removed as soon as
 * it is open, so that the system takes its room back when the process ends, however that ends.
 */
export class Spool {
  readonly file: SpoolFile;
  private readonly folder: string;
  private writtenBytes = 0;

  /** Throws UsageError when nothing can be written in `folder`. */
  constructor(folder: string, chunkRows = CHUNK_ROWS) {
    const path = join(folder, `.evictlab-${randomUUID()}.tmp`);
    this.folder = folder;
    try {
      this.file = { descriptor: openSync(path, 'wx+', 0o600), chunkRows };
      rmSync(path);
    } catch (error) {
      // Without the name of a file that the user never heard of.
      const reason = (error instanceof Error ? error.message : String(error)).replace(/, .*/, '');
      throw new UsageError(
        `${folder}: no place for a streamed trace (${reason}). Name a folder that can be written to with --stream-dir.`,
        { cause: error },
      );
    }
  }

  /** Throws UsageError when `rows` rows take more than is free. */
  reserve(rows: number): void {
    const { bavail, bsize } = statfsSync(this.folder);
    const free = bavail * bsize;
    const needed = rows * ROW_BYTES;
    if (needed > free) throw this.full(`${rows} requests take ${needed} bytes, ${free} are free`);
  }

  /** Writes columns of the first `rows` rows of `from` as chunk `chunk`. Throws UsageError when the disk is full. */
  write(chunk: number, from: TraceRows, rows: number, columns = ALL_COLUMNS): void {
    for (const column of columns) {
      const bytes = bytesOf(from, column, 0, rows);
      const position = positionOf(this.file, chunk, column);
      for (let done = 0; done < bytes.length;) {
        done += this.writeSome(bytes.subarray(done), position + done);
      }
    }
  }

  close(): void {
    closeSync(this.file.descriptor);
  }

  private writeSome(bytes: Uint8Array, position: number): number {
    try {
      const count = writeSync(this.file.descriptor, bytes, 0, bytes.length, position);
      this.writtenBytes += count;
      return count;
    } catch (error) {
      if (!isFull(error)) throw error;
      throw this.full(`${this.writtenBytes} bytes were written before it was full`, error);
    }
  }

  private full(what: string, cause?: unknown): UsageError {
    return new UsageError(
      `${this.folder}: no room for a streamed trace, which takes ${ROW_BYTES} bytes a request: ${what}. Make room, or ` +
        'name another folder with --stream-dir.',
      { cause },
    );
  }
}

/** Reads columns of the first `rows` rows of a chunk into `to`, from its row `place` on. */
export function readChunk(
  file: SpoolFile,
  chunk: number,
  to: TraceRows,
  place: number,
  rows: number,
  columns = ALL_COLUMNS,
): void {
  for (const column of columns) {
    const bytes = bytesOf(to, column, place, rows);
    const position = positionOf(file, chunk, column);
    for (let done = 0; done < bytes.length;) {
      const count = readSync(file.descriptor, bytes, done, bytes.length - done, position + done);
      if (count === 0) throw new InvariantError(`a spool ends in chunk ${chunk}, column ${column}`);
      done += count;
    }
  }
}

function positionOf({ chunkRows }: SpoolFile, chunk: number, column: Column): number {
  return (chunk * ROW_BYTES + STARTS[column]) * chunkRows;
}

function bytesOf(rows: TraceRows, column: Column, from: number, count: number): Uint8Array {
  const { buffer, byteOffset, BYTES_PER_ELEMENT: width } = rows[column];
  return new Uint8Array(buffer, byteOffset + from * width, count * width);
}

/** No room on the disk, none in the user's quota, or a file as large as one may be. */
function isFull(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    (error.code === 'ENOSPC' || error.code === 'EDQUOT' || error.code === 'EFBIG')
  );
}
