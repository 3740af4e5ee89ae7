import { UsageError } from '../errors.ts';
import type { TraceFacts } from '../trace/trace.ts';
import { storedTraceOf, type SourceOptions } from './source.ts';
import type { TraceStore } from './trace-store.ts';

/**
 * The traces of all sources, in order. Two that would have the same name in the results are called what the user
 * called them. Stops short when interrupted. Throws UsageError when a source was given twice.
 */
export async function loadSources<T extends TraceFacts>(
  sources: readonly string[],
  options: SourceOptions,
  signal: AbortSignal,
  store: TraceStore<T>,
): Promise<T[]> {
  const twice = sources.find((source, i) => sources.indexOf(source) !== i);
  if (twice !== undefined) throw new UsageError(`${twice}: given twice.`);
  const traces: T[] = [];
  for (const source of sources) {
    try {
      signal.throwIfAborted();
      traces.push(await storedTraceOf(source, { ...options, signal }, store));
    } catch (error) {
      if (signal.aborted) break;
      throw error;
    }
  }
  const names = traces.map((trace) => trace.name);
  return traces.map((trace, i) =>
    names.indexOf(trace.name) === names.lastIndexOf(trace.name)
      ? trace
      : store.renamed(trace, sources[i]),
  );
}
