import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Cell, CellResult } from '../../src/replay/cell.ts';
import { runCell } from '../../src/replay/replay.ts';
import type { Trace } from '../../src/trace/trace.ts';

/** A replay of the whole workload, and the CPU time it took. */
export interface WholeRun {
  readonly cell: Cell;
  readonly hits: number;
  readonly misses: number;
  readonly oomErrors: number;
  readonly ms: number;
}

/**
 * Whole runs of `cells`, what every estimate is compared with. In the folder `keptIn`, if one is given, they are kept from
 * call to call: they take most of the time, and change with the engine only.
 */
export function wholeRuns(
  trace: Trace,
  cells: readonly Cell[],
  keptIn: string | undefined,
): WholeRun[] {
  const file = keptIn && join(keptIn, `${trace.name}-${trace.rows}-${cells[0].server}.json`);
  const kept = file === undefined ? [] : read(file);
  const byCell = new Map(kept.map((run) => [keyOf(run.cell), run]));
  const runs = cells.map((cell) => byCell.get(keyOf(cell)) ?? timed(() => runCell(trace, cell)));
  if (file !== undefined) {
    mkdirSync(keptIn!, { recursive: true });
    writeFileSync(file, JSON.stringify(runs));
  }
  return runs;
}

function read(file: string): WholeRun[] {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as WholeRun[];
  } catch {
    return []; // Not kept yet.
  }
}

const keyOf = (cell: Cell): string =>
  JSON.stringify(
    Object.entries(cell)
      .filter(([, value]) => value !== undefined)
      .sort(),
  );

function timed(run: () => CellResult): WholeRun {
  const before = process.cpuUsage();
  const { cell, hits, misses, oomErrors } = run();
  const { user, system } = process.cpuUsage(before);
  return { cell, hits, misses, oomErrors, ms: (user + system) / 1000 };
}
