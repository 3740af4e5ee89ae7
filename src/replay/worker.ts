import type { CellResult } from './cell.ts';
import type { PlannedCell } from './plan.ts';
import { runCell } from './replay.ts';

/** What a worker thread runs: one cell at a time. */
export default function runPlannedCell({ trace, cell, batchEnds }: PlannedCell): CellResult {
  return runCell(trace, cell, batchEnds);
}
