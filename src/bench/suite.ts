import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Maxmemory } from '../replay/maxmemory.ts';
import { plan, type CommonSettings, type PlannedCell } from '../replay/plan.ts';
import { serverNamed } from '../servers/registry.ts';
import type { Trace } from '../trace/trace.ts';
import { writeCsvTrace } from '../trace/writers/csv.ts';
import type { BenchTask, TaskSource } from './task.ts';

/** A source of the bench, loaded: its trace, and how a child process gets the same one. */
export interface SuiteSource {
  readonly trace: Trace;
  readonly source: TaskSource;
}

/** What is measured over the sources. */
export interface SuitePlan {
  readonly servers: readonly string[];
  readonly policies: readonly string[];
  readonly maxmemory: readonly Maxmemory[];
  readonly seed: number;
  readonly settings: CommonSettings;
}

/** A task with what is needed to run it in this process. */
export interface SuiteTask {
  readonly task: BenchTask;
  readonly trace: Trace;
}

/**
 * Every task: replays of each source by server, limit and policy, then generating or reading each source. Of the first
 * generated one, reading it from files as well; they are written to `folder`. Throws UsageError for what can't be run.
 */
export async function suite(
  sources: readonly SuiteSource[],
  what: SuitePlan,
  folder: string,
): Promise<SuiteTask[]> {
  const replays = sources.flatMap((from) =>
    what.maxmemory.flatMap((limit) =>
      cells(from.trace, limit, what).map((planned) => replayTask(from, limit, planned)),
    ),
  );
  const loads = sources.map(loadTask);
  const generated = sources.find(({ source }) => source.kind === 'workload');
  const reads = generated === undefined ? [] : await readTasks(generated.trace, folder);
  return [...replays, ...loads, ...reads];
}

function cells(trace: Trace, limit: Maxmemory, what: SuitePlan): PlannedCell[] {
  return plan([trace], {
    servers: what.servers,
    allocator: undefined,
    policies: what.policies,
    maxmemory: [limit],
    seeds: [what.seed],
    settings: what.settings,
    warmupRows: () => 0,
    timelineIntervalMs: () => 0,
  });
}

function replayTask(
  { trace, source }: SuiteSource,
  { text }: Maxmemory,
  { cell }: PlannedCell,
): SuiteTask {
  const { defaultAllocator } = serverNamed(cell.server);
  // An alias may mean another allocator; ids of plain profiles stay what they are in baselines.
  const build = [cell.server, ...(cell.allocator === defaultAllocator ? [] : [cell.allocator])];
  const id = ['replay', trace.name, ...build, text, cell.policy].join(' ');
  const { name: workload, rows: requests } = trace;
  const work = { kind: 'replay', cell } as const;
  return { trace, task: { id, workload, requests, maxmemory: text, source, work } };
}

function loadTask({ trace, source }: SuiteSource): SuiteTask {
  const { name: workload, rows: requests } = trace;
  const work =
    source.kind === 'workload'
      ? ({ kind: 'generate' } as const)
      : ({ kind: 'read', format: source.format ?? 'trace' } as const);
  const id = work.kind === 'read' ? `read ${work.format} ${workload}` : `generate ${workload}`;
  return { trace, task: { id, workload, requests, maxmemory: undefined, source, work } };
}

/** Reading a trace in each format that one can be written in. */
async function readTasks(trace: Trace, folder: string): Promise<SuiteTask[]> {
  await mkdir(folder, { recursive: true });
  const csvFile = join(folder, 'trace.csv');
  await writeCsvTrace(trace, csvFile);
  const oracleFile = join(folder, 'trace.oracleGeneral');
  await writeFile(oracleFile, oracleRecords(trace));
  return [
    { format: 'csv', path: csvFile },
    { format: 'oracleGeneral', path: oracleFile },
  ].map(({ format, path }) => ({
    trace,
    task: {
      id: `read ${format} ${trace.name}`,
      workload: trace.name,
      requests: trace.rows,
      maxmemory: undefined,
      source: { kind: 'trace', path, format },
      work: { kind: 'read', format },
    },
  }));
}

/** The same keys at the same seconds as libCacheSim has them; operations and TTLs it has none of. */
function oracleRecords({ rows, times, tickMs, keys, valueBytes }: Trace): Uint8Array {
  const records = new DataView(new ArrayBuffer(rows * 24));
  for (let row = 0; row < rows; row++) {
    const at = row * 24;
    records.setUint32(at, Math.floor((times[row] * tickMs) / 1000), true);
    records.setUint32(at + 4, keys[row], true);
    // A record of size 0 would be left out by the reader.
    records.setUint32(at + 12, Math.max(1, valueBytes[row]), true);
    records.setBigInt64(at + 16, -1n, true);
  }
  return new Uint8Array(records.buffer);
}
