import { stat } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { UsageError } from '../errors.ts';
import { nearestName } from '../nearest.ts';
import { formatOf } from '../trace/read-trace.ts';
import type { Trace } from '../trace/trace.ts';
import { builtinWorkloads, loadWorkload } from '../workload/load.ts';
import { IN_MEMORY, type TraceStore } from './trace-store.ts';

export interface SourceOptions {
  readonly requests?: number;
  readonly workloadSeed?: number;
  readonly format?: string;
  readonly keyBytes?: number;
  readonly warn: (message: string) => void;
  /** Gives it up where that takes long; its reason is thrown. */
  readonly signal?: AbortSignal;
}

const WORKLOAD_SUFFIXES: readonly string[] = ['.yaml', '.yml', '.json'];

/** The trace of a source, in memory; otherwise as {@link storedTraceOf}. */
export async function traceOf(source: string, options: SourceOptions): Promise<Trace> {
  return storedTraceOf(source, options, IN_MEMORY);
}

/**
 * The trace of a source: the name of a built-in workload, else a workload file by its ending, else a trace file.
 * Throws UsageError when it is none of them.
 */
export async function storedTraceOf<T>(
  source: string,
  options: SourceOptions,
  store: TraceStore<T>,
): Promise<T> {
  if ((await workloadFileOf(source, options.format)) !== undefined) {
    const spec = await loadWorkload(source, {
      ...(options.workloadSeed === undefined ? {} : { seed: options.workloadSeed }),
      ...(options.requests === undefined ? {} : { requests: options.requests }),
    });
    return store.generate(spec, options.signal);
  }
  if (options.format === undefined && formatOf(source) === undefined) {
    throw new UsageError(
      `${source}: neither a workload (${WORKLOAD_SUFFIXES.join(', ')}) nor a trace by its name. ` +
        `Say which trace format it is with --format; known: see "evictlab list formats".`,
    );
  }
  if (options.workloadSeed !== undefined) {
    options.warn(`${source}: --workload-seed changes nothing in a trace file.`);
  }
  return store.read(source, options);
}

/**
 * The workload file a source stands for, by the name of a built-in or by its ending; undefined when it is a trace. Throws
 * UsageError when there is no such source.
 */
export async function workloadFileOf(
  source: string,
  format: string | undefined,
): Promise<string | undefined> {
  const builtins = await builtinWorkloads();
  const builtin = builtins.find((workload) => workload.name === source);
  if (builtin !== undefined) return builtin.path;
  await mustExist(
    source,
    builtins.map((workload) => workload.name),
  );
  const isWorkload =
    format === undefined && WORKLOAD_SUFFIXES.includes(extname(source).toLowerCase());
  return isWorkload ? source : undefined;
}

async function mustExist(source: string, names: readonly string[]): Promise<void> {
  const status = await stat(source).catch(() => undefined);
  if (status !== undefined && !status.isDirectory()) return;
  const near = nearestName(basename(source).replace(/\.(ya?ml|json)$/i, ''), names);
  const hint = near === undefined ? '' : ` Did you mean "${near}"?`;
  const problem =
    status === undefined
      ? 'no built-in workload of that name, and no such file.'
      : 'is a folder, neither a workload nor a trace.';
  throw new UsageError(`${source}: ${problem}${hint} See: evictlab list workloads`);
}
