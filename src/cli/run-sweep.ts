import { writeAtomically } from '../atomic-file.ts';
import { POLICIES } from '../policies/registry.ts';
import type { CellResult } from '../replay/cell.ts';
import type { PlannedCell } from '../replay/plan.ts';
import { runCells, type CellOutcome } from '../replay/pool.ts';
import type { ReportOptions } from '../report/report.ts';
import { timelineCsv } from '../report/timeline.ts';
import type { Console } from './console.ts';
import { EXIT_DONE, EXIT_FAILED, EXIT_INTERRUPTED } from './exit-codes.ts';
import type { Output } from './output.ts';
import { showProgress } from './progress.ts';

export interface RunOptions {
  readonly output: Output;
  readonly jobs: number;
  readonly color: boolean;
  readonly progress: boolean;
  readonly console: Console;
  readonly signal: AbortSignal;
  /** What is wrong with the results, one line each: told after all output was written, and the run has failed. */
  readonly complaints?: (results: readonly CellResult[]) => readonly string[];
  /** Printed after the reports on stdout. */
  readonly summary?: (results: readonly CellResult[], options: ReportOptions) => string;
}

/** Names of the policies no server has. */
export const REFERENCES: ReadonlySet<string> = new Set(
  POLICIES.filter((policy) => policy.family === 'reference').map((policy) => policy.name),
);

/** Runs the cells, reports what was finished, and answers with the exit code. */
export async function runSweep(
  cells: readonly PlannedCell[],
  options: RunOptions,
): Promise<number> {
  const { output, console, signal } = options;
  const progress = showProgress(cells.length, 'cells', options.progress);
  let outcomes: CellOutcome[];
  try {
    outcomes = await runCells(cells, {
      jobs: options.jobs,
      signal,
      onDone: () => {
        progress.advance();
      },
    });
  } finally {
    progress.stop();
  }
  const results = outcomes.flatMap((o) => (o.state === 'done' ? [o.result] : []));
  const failed = outcomes.filter((o) => o.state === 'failed');
  for (const { cell, error } of failed) {
    const where = `${cell.workload}, ${cell.server}, ${cell.policy}, seed ${cell.seed}`;
    console.warn(`cell failed (${where}): ${error.stack ?? error.message}`);
  }
  const lost = results.length > 0 ? await report(results, options) : false;
  if (signal.aborted) {
    const kept =
      results.length > 0 && output.file !== undefined ? `, kept in ${output.file.path}` : '';
    console.warn(`interrupted: ${results.length} of ${cells.length} cells finished${kept}.`);
    return EXIT_INTERRUPTED;
  }
  const complaints = options.complaints?.(results) ?? [];
  for (const complaint of complaints) console.fail(complaint);
  return failed.length > 0 || lost || complaints.length > 0 ? EXIT_FAILED : EXIT_DONE;
}

/** Writes and prints what was asked for. True if a file could not be written: then its content went to stdout. */
async function report(
  results: readonly CellResult[],
  { output, color, console, summary }: RunOptions,
): Promise<boolean> {
  const plain = { references: REFERENCES, color: false };
  const { file, timeline } = output;
  const notes: string[] = [];
  let lost = false;
  const write = async (path: string, content: string, note: string): Promise<void> => {
    try {
      await writeAtomically(path, [content]);
      notes.push(note);
    } catch (error) {
      // A disk that filled up meanwhile must not cost the work that is done.
      const reason = error instanceof Error ? error.message : String(error);
      console.warn(`${reason} What it was to hold follows on stdout.`);
      console.print(content);
      lost = true;
    }
  };
  if (file !== undefined) {
    const note = `Wrote ${file.path} (${results.length} rows).`;
    await write(file.path, file.report.render(results, plain), note);
  }
  if (timeline !== undefined) {
    await write(timeline, timelineCsv(results), `Wrote ${timeline}.`);
  }
  for (const shown of output.stdout) console.print(shown.render(results, { ...plain, color }));
  if (summary !== undefined) console.print(summary(results, { ...plain, color }));
  for (const note of notes) console.note(note);
  return lost;
}
