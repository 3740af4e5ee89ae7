import { basename } from 'node:path';
import { UsageError } from '../errors.ts';
import { unknownName } from '../nearest.ts';
import { TraceBuilder, type RowBuilder } from './builder.ts';
import { byteChunks } from './readers/byte-chunks.ts';
import type { TraceReader } from './readers/reader.ts';
import { TRACE_READERS } from './readers/registry.ts';
import type { Trace } from './trace.ts';

/** Length of a key in formats without key names, unless told otherwise. */
export const DEFAULT_KEY_BYTES = 16;

export interface ReadTraceOptions {
  /** A format of the registry; otherwise told by the file's name. */
  readonly format?: string | undefined;
  /** Length of every key, for formats that don't know it. */
  readonly keyBytes?: number | undefined;
  /** What the trace is to be called; otherwise the file's name without its ending. */
  readonly name?: string | undefined;
  readonly warn?: (message: string) => void;
  /** Gives the reading up; its reason is thrown. */
  readonly signal?: AbortSignal | undefined;
}

/** Reads a trace file of any format of the registry. Throws UsageError for anything wrong with it. */
export async function readTrace(file: string, options: ReadTraceOptions = {}): Promise<Trace> {
  return readTraceInto((name) => new TraceBuilder(name), file, options);
}

/** The same with rows that go where the builder of that name puts them. */
export async function readTraceInto<T>(
  builderOf: (name: string) => RowBuilder<T>,
  file: string,
  options: ReadTraceOptions,
): Promise<T> {
  const reader = options.format === undefined ? formatOf(file) : formatNamed(options.format);
  if (reader === undefined) {
    const known = TRACE_READERS.map((r) => `${r.name} (${r.suffixes.join(', ')})`).join(', ');
    throw new UsageError(
      `${file}: the name doesn't say which trace format it is. Say so with --format. Known: ${known}.`,
    );
  }
  const settings = {
    keyBytes: options.keyBytes ?? DEFAULT_KEY_BYTES,
    warn: options.warn ?? (() => undefined),
  };
  const builder = builderOf(options.name ?? traceName(file, reader));
  return reader.read(byteChunks(file, options.signal), file, settings, builder);
}

/** The reader for files named so, if the name says. */
export function formatOf(file: string): TraceReader | undefined {
  const plain = file.toLowerCase().replace(/\.(gz|zst)$/, '');
  return TRACE_READERS.find((reader) => reader.suffixes.some((suffix) => plain.endsWith(suffix)));
}

function formatNamed(name: string): TraceReader {
  const reader = TRACE_READERS.find((r) => r.name === name);
  if (reader === undefined) {
    const names = TRACE_READERS.map((r) => r.name);
    throw new UsageError(unknownName('trace format', name, names));
  }
  return reader;
}

function traceName(file: string, reader: TraceReader): string {
  const plain = basename(file).replace(/\.gz$/i, '');
  const suffix = reader.suffixes.findLast((end) => plain.toLowerCase().endsWith(end)) ?? '';
  return plain.slice(0, plain.length - suffix.length) || plain;
}
