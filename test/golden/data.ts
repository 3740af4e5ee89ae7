import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import type { Trace } from '../../src/trace/trace.ts';
import { readTrace } from '../../src/trace/read-trace.ts';

/** The measured figures live beside the sources: tests run compiled, from dist/test/golden. */
const FOLDER = join(import.meta.dirname, '../../../test/golden');

/** Rows of a measured CSV (`.csv` or `.csv.gz`) by column name, all text. */
export function goldenRows(file: string): Record<string, string>[] {
  const bytes = readFileSync(join(FOLDER, file));
  const text = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  return parse(text, { columns: true });
}

/** One of the traces that real servers replayed. */
export async function goldenTrace(name: string): Promise<Trace> {
  return readTrace(join(FOLDER, `${name}.csv.gz`), {});
}
