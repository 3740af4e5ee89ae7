import type { Cell } from '../replay/cell.ts';
import { runApart } from '../replay/pool.ts';
import type { Trace } from '../trace/trace.ts';
import type { HeadroomTask } from './headroom-worker.ts';
import type { HeadroomOptions, TraceHeadroom } from './trace-headroom.ts';

/** The RAM that the cell's maxmemory needs under the whole trace, found in a thread; undefined when interrupted. */
export async function headroomApart(
  trace: Trace,
  cell: Cell,
  options: HeadroomOptions,
  signal: AbortSignal,
): Promise<TraceHeadroom | undefined> {
  const worker = new URL('./headroom-worker.js', import.meta.url);
  const task: HeadroomTask = { trace, cell, options };
  return (await runApart(worker, task, signal)) as TraceHeadroom | undefined;
}
