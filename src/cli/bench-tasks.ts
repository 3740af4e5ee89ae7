import { join, resolve } from 'node:path';
import type { Baseline, BenchSettings } from '../bench/baseline.ts';
import { NotComparableError } from '../bench/not-comparable.ts';
import type { SuiteSource, SuiteTask } from '../bench/suite.ts';
import { DEFAULT_SETTINGS } from '../replay/defaults.ts';
import { parseMaxmemory } from '../replay/maxmemory.ts';
import { formatOf } from '../trace/read-trace.ts';
import { writeCsvTrace } from '../trace/writers/csv.ts';
import { Arguments } from './arguments.ts';
import { requestsToGenerate } from './bench-settings.ts';
import type { Console } from './console.ts';
import { explainServers } from './explain-servers.ts';
import { loadSources } from './load-sources.ts';
import { IN_MEMORY } from './trace-store.ts';
import { sourceOptions } from './source-options.ts';
import { workloadFileOf, type SourceOptions } from './source.ts';
import { parseWholeNumber } from './whole-number.ts';

/** The tasks the settings ask for; undefined when interrupted. Trouble with what a baseline asks for is the baseline's. */
export async function tasksOf(
  settings: BenchSettings,
  seed: number,
  folder: string,
  console: Console,
  signal: AbortSignal,
  baseline: Baseline | undefined,
): Promise<SuiteTask[] | undefined> {
  const { suite } = await import('../bench/suite.ts');
  explainServers({ servers: settings.server, allocator: undefined }, console);
  const maxmemory = settings.maxmemory.map((text) => parseMaxmemory(text, '--maxmemory'));
  const sources = await suiteSources(settings, folder, console, signal);
  if (signal.aborted) return undefined;
  try {
    return await suite(
      sources,
      {
        servers: settings.server,
        policies: settings.policy,
        maxmemory,
        seed,
        settings: DEFAULT_SETTINGS,
      },
      folder,
    );
  } catch (error) {
    if (baseline?.settings.policy === settings.policy) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new NotComparableError(`The baseline can't be run again: ${reason}`, { cause: error });
    }
    throw error;
  }
}

async function suiteSources(
  settings: BenchSettings,
  folder: string,
  console: Console,
  signal: AbortSignal,
): Promise<SuiteSource[]> {
  const asked = sourceOptions(new Arguments({ ...settings }), console);
  const generated = parseWholeNumber(requestsToGenerate(settings), '--requests');
  const sources: SuiteSource[] = [];
  for (const name of settings.sources) {
    const workload = await workloadFileOf(name, settings.format);
    const options = workload === undefined ? asked : { ...asked, requests: generated };
    const [trace] = await loadSources([name], options, signal, IN_MEMORY);
    if (signal.aborted) break;
    const source =
      workload === undefined
        ? await traceSource(name, trace, asked, join(folder, `first-${sources.length}.csv`))
        : workloadSource(workload, options);
    sources.push({ trace, source });
  }
  return sources;
}

/** Where child processes get the same trace: generated again, */
function workloadSource(
  path: string,
  { requests, workloadSeed }: SourceOptions,
): SuiteSource['source'] {
  return {
    kind: 'workload',
    path: resolve(path),
    ...(requests === undefined ? {} : { requests }),
    ...(workloadSeed === undefined ? {} : { seed: workloadSeed }),
  };
}

/** read again, or, when only a part of the file is wanted, read from the part as a file. */
async function traceSource(
  path: string,
  trace: SuiteSource['trace'],
  { requests, format, keyBytes }: SourceOptions,
  partFile: string,
): Promise<SuiteSource['source']> {
  if (requests !== undefined) {
    await writeCsvTrace(trace, partFile);
    return { kind: 'trace', path: partFile, format: 'csv' };
  }
  const known = format ?? formatOf(path)?.name;
  return {
    kind: 'trace',
    path: resolve(path),
    ...(known === undefined ? {} : { format: known }),
    ...(keyBytes === undefined ? {} : { keyBytes }),
  };
}
