import { csv } from './csv.ts';
import { json } from './json.ts';
import type { SizeReport } from './report.ts';
import { table } from './table.ts';

/** Every form `size --output-format` takes. */
export const SIZE_REPORTS: readonly SizeReport[] = [csv, json, table];
