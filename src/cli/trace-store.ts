import { firstRows } from '../trace/first-rows.ts';
import { derive } from '../trace/derive.ts';
import { readTrace, type ReadTraceOptions } from '../trace/read-trace.ts';
import type { Trace } from '../trace/trace.ts';
import { generate } from '../workload/generate.ts';
import type { WorkloadSpec } from '../workload/spec.ts';

export interface StoreOptions extends ReadTraceOptions {
  /** Of a trace file, only the first so many. */
  readonly requests?: number;
}

/** How traces are made and where they are kept until {@link close}. */
export interface TraceStore<T> {
  generate(spec: WorkloadSpec, signal: AbortSignal | undefined): T | Promise<T>;
  read(file: string, options: StoreOptions): Promise<T>;
  renamed(trace: T, name: string): T;
  close(): void;
}

/** Traces in memory: nothing to close. */
export const IN_MEMORY: TraceStore<Trace> = {
  generate,
  async read(file, options) {
    const trace = await readTrace(file, options);
    return options.requests === undefined ? trace : firstRows(trace, options.requests);
  },
  renamed: (trace, name) => derive(trace, { name }),
  close: () => undefined,
};
