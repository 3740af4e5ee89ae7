import { csv } from './csv.ts';
import { github } from './github.ts';
import { json } from './json.ts';
import { junit } from './junit.ts';
import type { BenchReport } from './report.ts';
import { table } from './table.ts';

/** Every form `bench --output-format` takes. */
export const BENCH_REPORTS: readonly BenchReport[] = [csv, json, table, github, junit];
