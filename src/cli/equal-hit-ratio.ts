import { writeAtomically } from '../atomic-file.ts';
import { UsageError } from '../errors.ts';
import type { PlannedCell, Sweep } from '../replay/plan.ts';
import { EQUAL_HIT_RATIO_REPORTS } from '../report/equal-hit-ratio.ts';
import { equalHitRatios, searchesOf, type SearchOutcome } from '../upgrade/equal-hit-ratio.ts';
import type { Arguments } from './arguments.ts';
import { EXIT_DONE, EXIT_FAILED, EXIT_INTERRUPTED } from './exit-codes.ts';
import { showProgress } from './progress.ts';
import type { RunOptions } from './run-sweep.ts';

/** Throws UsageError for a command line without a hit ratio to search for, and options about something else. */
export function checkSearchable(args: Arguments, { servers, maxmemory }: Sweep): void {
  if (servers.length < 2) {
    throw new UsageError(
      `--equal-hit-ratio compares servers, got ${servers.length === 1 && args.has('server') ? `only ${servers[0]}` : 'none'}. ` +
        'Name two or more, for example --server redis-7.0,valkey-9.1.',
    );
  }
  const other = ['assert', 'timeline'].find((name) => args.has(name));
  if (other !== undefined) {
    throw new UsageError(`--${other} is about single runs; leave it out of --equal-hit-ratio.`);
  }
  if (maxmemory.some((limit) => limit.kind === 'bytes' && limit.bytes === 0)) {
    throw new UsageError(
      '--maxmemory 0 is no limit: --equal-hit-ratio needs one that the first server comes to.',
    );
  }
}

/** Searches, reports what was found, and answers with the exit code. Throws UsageError when nothing can be compared. */
export async function runSearches(
  cells: readonly PlannedCell[],
  { output, jobs, color, progress: isShown, console, signal }: RunOptions,
): Promise<number> {
  const searches = searchesOf(cells);
  if (searches.length === 0) {
    throw new UsageError(
      '--equal-hit-ratio: the servers named are one and the same, or have no policy in common.',
    );
  }
  const progress = showProgress(searches.length, 'searches', isShown);
  let outcomes: SearchOutcome[];
  try {
    outcomes = await equalHitRatios(searches, {
      jobs,
      signal,
      onDone: () => {
        progress.advance();
      },
    });
  } finally {
    progress.stop();
  }
  const found = outcomes.flatMap((o) => (o.state === 'done' ? [o.found] : []));
  const failed = outcomes.filter((o) => o.state === 'failed');
  for (const { cell, error } of failed) {
    const where = `${cell.workload}, ${cell.server}, ${cell.policy}, seed ${cell.seed}`;
    console.warn(`search failed (${where}): ${error.stack ?? error.message}`);
  }
  if (found.length > 0 && found.every(({ state }) => state === 'unlimited')) {
    const { cell, peakMemoryBytes } = found[0].first;
    throw new UsageError(
      `--equal-hit-ratio: ${cell.server} never comes to --maxmemory (${cell.maxmemoryBytes} bytes), so any server ` +
        `that holds everything does as well. Give less than the ${peakMemoryBytes} bytes it uses.`,
    );
  }
  const { file, stdout } = output;
  if (found.length > 0) {
    const text = (form: string, isColored: boolean): string =>
      EQUAL_HIT_RATIO_REPORTS[form](found, isColored);
    if (file !== undefined) await writeAtomically(file.path, [text(file.report.name, false)]);
    for (const shown of stdout) console.print(text(shown.name, color));
    if (file !== undefined) console.note(`Wrote ${file.path} (${found.length} rows).`);
  }
  if (signal.aborted) {
    const kept = found.length > 0 && file !== undefined ? `, kept in ${file.path}` : '';
    console.warn(`interrupted: ${found.length} of ${searches.length} searches finished${kept}.`);
    return EXIT_INTERRUPTED;
  }
  return failed.length > 0 ? EXIT_FAILED : EXIT_DONE;
}
