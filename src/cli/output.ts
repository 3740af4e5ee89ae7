import { basename, extname, join } from 'node:path';
import { UsageError } from '../errors.ts';
import { REPORTS } from '../report/registry.ts';
import type { Report } from '../report/report.ts';
import type { Arguments } from './arguments.ts';

/** Where the results go: at most one file, and any number of reports on stdout. */
export interface Output<R = Report> {
  readonly file: { readonly path: string; readonly report: R } | undefined;
  readonly stdout: readonly R[];
  readonly timeline: string | undefined;
}

const STDOUT = '-';
const BY_ENDING: Readonly<Partial<Record<string, string>>> = { '.json': 'json', '.txt': 'table' };

/**
 * Without options: a CSV under `results/` and a table. `--out` names the file, its ending (.json, .txt) the form unless
 * `--output-format` does; the table is shown as well. `--output-format` alone writes to stdout and no file.
 */
export function outputOf(args: Arguments, defaultFile: string): Output {
  return outputIn(REPORTS, args, defaultFile);
}

/** The same with reports of other kinds; one called `csv` and one called `table` are among them. */
export function outputIn<R extends { readonly name: string }>(
  reports: readonly R[],
  args: Arguments,
  defaultFile: string,
): Output<R> {
  const reportNamed = (name: string): R => {
    const report = reports.find((r) => r.name === name);
    if (report === undefined) throw new UsageError(`No report "${name}".`);
    return report;
  };
  const out = args.one('out');
  const format = args.one('output-format');
  const timeline = args.one('timeline');
  const shown = args.flag('quiet') ? [] : [reportNamed('table')];
  if (out === STDOUT || (out === undefined && format !== undefined)) {
    return { file: undefined, stdout: [reportNamed(format ?? 'csv')], timeline };
  }
  const path = out ?? defaultFile;
  const report = reportNamed(format ?? BY_ENDING[extname(path).toLowerCase()] ?? 'csv');
  if (timeline === path) throw new UsageError(`--timeline and --out are the same file, ${path}.`);
  return { file: { path, report }, stdout: shown, timeline };
}

/** `results/run-<sources>.csv`, from what the user called them. */
export function defaultResultsFile(verb: string, sources: readonly string[]): string {
  const names = sources.map((source) => basename(source).replace(/(\.(gz|ya?ml|json|csv))+$/i, ''));
  const shown = names.length > 3 ? [...names.slice(0, 3), 'etc'] : names;
  return join('results', `${[verb, ...shown].join('-').replace(/[^\w.-]+/g, '_')}.csv`);
}
