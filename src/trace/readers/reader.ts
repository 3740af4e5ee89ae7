import type { Trace } from '../trace.ts';

export interface ReadOptions {
  /** What the trace is to be called. */
  readonly name: string;
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
   * Reads the decompressed bytes of `file` (named in errors). Throws UsageError with the place of the first thing
   * that is wrong.
   */
  read(chunks: AsyncIterable<Buffer>, file: string, options: ReadOptions): Promise<Trace>;
}
