import type { RowBuilder } from '../builder.ts';

export interface ReadOptions {
  /** Length of every key, for formats that don't know it. */
  readonly keyBytes: number;
  /** Told of everything that was read but isn't quite as it should be; one sentence each. */
  readonly warn: (message: string) => void;
}

/** A trace format as the registry lists it: one file, one registry line. */
export interface TraceReader {
  readonly name: string;
  /** One sentence for `list formats` and the README. */
  readonly summary: string;
  /** How names of such files end, lower case, without `.gz`. */
  readonly suffixes: readonly string[];
  /**
   * Reads the decompressed bytes of `file` (named in errors) into `builder`, and answers with what that makes of them.
   * Throws UsageError with the place of the first thing that is wrong.
   */
  read<T>(
    chunks: AsyncIterable<Buffer>,
    file: string,
    options: ReadOptions,
    builder: RowBuilder<T>,
  ): Promise<T>;
}
