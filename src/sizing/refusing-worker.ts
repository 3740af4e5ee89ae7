import type { Cell } from '../replay/cell.ts';
import type { Trace } from '../trace/trace.ts';
import type { Mortality } from './mortality.ts';
import type { RefusedCounts } from './lane-counts.ts';
import { RefusingServers } from './refusing-servers.ts';

/** Cells that differ in maxmemory, to be counted in one pass; a plain value for a worker thread. */
export interface RefusingTask {
  readonly trace: Trace;
  readonly cells: readonly Cell[];
  readonly warmupRows: number;
  readonly mortality: Mortality;
  readonly leavesOutMortals: boolean;
}

/** What a worker thread runs. */
export default function refusingWorker({
  trace,
  cells,
  ...options
}: RefusingTask): RefusedCounts[] {
  return new RefusingServers(trace, cells, options).run();
}
