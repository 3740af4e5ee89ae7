import { csv } from './csv.ts';
import { json } from './json.ts';
import type { Report } from './report.ts';
import { table } from './table.ts';

/** Every form `--output-format` takes. */
export const REPORTS: readonly Report[] = [csv, json, table];
