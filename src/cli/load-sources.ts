import { UsageError } from '../errors.ts';
import { derive } from '../trace/derive.ts';
import type { Trace } from '../trace/trace.ts';
import { traceOf, type SourceOptions } from './source.ts';

/**
 * The traces of all sources, in order. Two that would have the same name in the results are called what the user
 * called them. Throws UsageError when a source was given twice.
 */
export async function loadSources(
  sources: readonly string[],
  options: SourceOptions,
  signal: AbortSignal,
): Promise<Trace[]> {
  const twice = sources.find((source, i) => sources.indexOf(source) !== i);
  if (twice !== undefined) throw new UsageError(`${twice}: given twice.`);
  const traces: Trace[] = [];
  for (const source of sources) {
    if (signal.aborted) break;
    traces.push(await traceOf(source, options));
  }
  const names = traces.map((trace) => trace.name);
  return traces.map((trace, i) =>
    names.indexOf(trace.name) === names.lastIndexOf(trace.name)
      ? trace
      : derive(trace, { name: sources[i] }),
  );
}
