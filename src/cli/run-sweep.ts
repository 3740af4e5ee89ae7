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
  if (results.length > 0) await report(results, options);
  if (signal.aborted) {
    const kept =
      results.length > 0 && output.file !== undefined ? `, kept in ${output.file.path}` : '';
    console.warn(`interrupted: ${results.length} of ${cells.length} cells finished${kept}.`);
    return EXIT_INTERRUPTED;
  }
  return failed.length > 0 ? EXIT_FAILED : EXIT_DONE;
}

async function report(
  results: readonly CellResult[],
  { output, color, console, summary }: RunOptions,
): Promise<void> {
  const plain = { references: REFERENCES, color: false };
  const { file, timeline } = output;
  if (file !== undefined) await writeAtomically(file.path, [file.report.render(results, plain)]);
  if (timeline !== undefined) await writeAtomically(timeline, [timelineCsv(results)]);
  for (const shown of output.stdout) console.print(shown.render(results, { ...plain, color }));
  if (summary !== undefined) console.print(summary(results, { ...plain, color }));
  if (file !== undefined) console.note(`Wrote ${file.path} (${results.length} rows).`);
  if (timeline !== undefined) console.note(`Wrote ${timeline}.`);
}
