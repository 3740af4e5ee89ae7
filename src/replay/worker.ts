import type { CellResult } from './cell.ts';
import type { PlannedCell } from './plan.ts';
import { runCell } from './replay.ts';

/** Runs in a worker thread of its own: one cell, one isolate, so that no policy's types slow down another's. */
export default function runPlannedCell({ trace, cell }: PlannedCell): CellResult {
  return runCell(trace, cell);
}
