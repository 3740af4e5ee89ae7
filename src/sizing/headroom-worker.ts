import type { Cell } from '../replay/cell.ts';
import type { Trace } from '../trace/trace.ts';
import { type HeadroomOptions, type TraceHeadroom, traceHeadroom } from './trace-headroom.ts';

export interface HeadroomTask {
  readonly trace: Trace;
  readonly cell: Cell;
  readonly options: HeadroomOptions;
}

/** What a worker thread runs: {@link traceHeadroom}, so that the main thread hears an interrupt meanwhile. */
export default function runHeadroom({ trace, cell, options }: HeadroomTask): TraceHeadroom {
  return traceHeadroom(trace, cell, options);
}
