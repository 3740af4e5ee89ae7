import type { CellResult } from '../../src/replay/cell.ts';
import type { PlannedCell } from '../../src/replay/plan.ts';
import { someResult } from '../result.ts';

/** A worker whose cells fail by their seed: 1 throws, 2 takes its thread down, 3 never ends, others are fine. */
export default function run({ cell }: PlannedCell): CellResult | Promise<CellResult> {
  if (cell.seed === 1) throw new Error('seed 1 throws');
  if (cell.seed === 2 || cell.seed === 3) {
    if (cell.seed === 2) {
      setTimeout(() => {
        throw new Error('seed 2 takes its thread down');
      });
    }
    // The timer keeps the thread alive, as a replay would.
    return new Promise(() => setInterval(() => undefined, 1000));
  }
  return someResult(cell, 500);
}
