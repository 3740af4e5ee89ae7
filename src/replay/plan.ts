import { footprintBytes } from '../engine/footprint.ts';
import { UsageError } from '../errors.ts';
import { findServer } from '../servers/find-server.ts';
import type { Allocator, ServerProfile } from '../servers/profile.ts';
import type { TraceFacts } from '../trace/trace.ts';
import type { AnyTrace } from '../trace/window.ts';
import { baseBytesOf } from './base-bytes.ts';
import type { Cell } from './cell.ts';
import { maxmemoryBytes, type Maxmemory } from './maxmemory.ts';
import { selectPolicies } from './select-policies.ts';

/** Settings that are the same in every cell of a sweep. */
export type CommonSettings = Pick<
  Cell,
  | 'maxmemorySamples'
  | 'lfuLogFactor'
  | 'lfuDecayTime'
  | 'hz'
  | 'activeExpireEffort'
  | 'evictionTenacity'
  | 'startupMemoryBytes'
  | 'clientMemoryBytes'
  | 'onMiss'
  | 'pipeline'
  | 'epochSeconds'
  | 'serverTime'
>;

/** What is to be run over the traces: every combination. */
export interface Sweep {
  /** Names as {@link findServer} takes them. Shares of the footprint are those of the first one. */
  readonly servers: readonly string[];
  /** undefined = each server's own. */
  readonly allocator: Allocator | undefined;
  /** Names and groups, as {@link selectPolicies} takes them. */
  readonly policies: readonly string[];
  readonly maxmemory: readonly Maxmemory[];
  readonly seeds: readonly number[];
  readonly settings: CommonSettings;
  readonly warmupRows: (trace: TraceFacts) => number;
  readonly timelineIntervalMs: (trace: AnyTrace) => number;
}

/** A cell with the trace it runs over. */
export interface PlannedCell {
  readonly trace: AnyTrace;
  readonly cell: Cell;
  /** Rows at which the batches of a recorded replay ended; undefined = batches are formed from the trace. */
  readonly batchEnds?: Uint32Array<SharedArrayBuffer>;
}

/**
 * The cells of a sweep, each once, in the order of the results: by trace, server, maxmemory, policy, seed. Throws
 * UsageError for what can't be run.
 */
export function plan(traces: readonly AnyTrace[], sweep: Sweep): PlannedCell[] {
  const builds = sweep.servers.map((name): Build => {
    const { profile, allocator } = findServer(name);
    return { profile, allocator: sweep.allocator ?? allocator };
  });
  for (const build of builds) checkBuild(build, sweep);
  const cells = traces.flatMap((trace) => {
    // The same bytes for every server: only so can their answers be compared.
    const limits = limitsOf(trace, builds[0], sweep);
    return builds.flatMap((build) => cellsOf(trace, build, limits, sweep));
  });
  const distinct = new Map(cells.map((planned) => [JSON.stringify(planned.cell), planned]));
  return [...distinct.values()];
}

/** A server as it is linked. */
interface Build {
  readonly profile: ServerProfile;
  readonly allocator: Allocator;
}

function checkBuild({ profile, allocator }: Build, { settings }: Sweep): void {
  if (!profile.allocators.includes(allocator)) {
    throw new UsageError(
      `${profile.name} isn't modelled with allocator ${allocator}; known: ${profile.allocators.join(', ')}.`,
    );
  }
  if (settings.maxmemorySamples > profile.maxSamples) {
    throw new UsageError(
      `maxmemory-samples ${settings.maxmemorySamples}: ${profile.name} takes 1 … ${profile.maxSamples}.`,
    );
  }
}

function emptyBytes({ profile, allocator }: Build, { settings }: Sweep): number {
  return baseBytesOf({ ...settings, server: profile.name, allocator });
}

/** The limits in bytes, shares being of what the trace needs on that server. */
function limitsOf(trace: AnyTrace, build: Build, sweep: Sweep): Maxmemory[] {
  const { profile, allocator } = build;
  const empty = emptyBytes(build, sweep);
  let footprint: number | undefined;
  const needed = (): number => (footprint ??= footprintBytes(trace, profile, allocator));
  return sweep.maxmemory.map((limit) => {
    const bytes = maxmemoryBytes(limit, empty, needed, profile.name);
    return { kind: 'bytes', bytes, text: limit.text };
  });
}

function cellsOf(
  trace: AnyTrace,
  build: Build,
  limits: readonly Maxmemory[],
  sweep: Sweep,
): PlannedCell[] {
  const { profile, allocator } = build;
  const empty = emptyBytes(build, sweep);
  const common = {
    ...sweep.settings,
    workload: trace.name,
    server: profile.name,
    allocator,
    warmupRows: sweep.warmupRows(trace),
    timelineIntervalMs: sweep.timelineIntervalMs(trace),
  };
  const policies = selectPolicies(sweep.policies, profile);
  return limits.flatMap((limit) => {
    const bytes = maxmemoryBytes(limit, empty, () => 0, profile.name);
    return policies.flatMap((policy) =>
      sweep.seeds.map((seed) => ({
        trace,
        cell: { ...common, policy, maxmemoryBytes: bytes, seed },
      })),
    );
  });
}
