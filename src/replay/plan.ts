import { footprintBytes } from '../engine/footprint.ts';
import { UsageError } from '../errors.ts';
import type { Allocator, ServerProfile } from '../servers/profile.ts';
import { serverNamed } from '../servers/registry.ts';
import type { Trace } from '../trace/trace.ts';
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
  readonly servers: readonly string[];
  /** undefined = each profile's own. */
  readonly allocator: Allocator | undefined;
  /** Names and groups, as {@link selectPolicies} takes them. */
  readonly policies: readonly string[];
  readonly maxmemory: readonly Maxmemory[];
  readonly seeds: readonly number[];
  readonly settings: CommonSettings;
  readonly warmupRows: (trace: Trace) => number;
  readonly timelineIntervalMs: (trace: Trace) => number;
}

/** A cell with the trace it runs over. */
export interface PlannedCell {
  readonly trace: Trace;
  readonly cell: Cell;
  /** Rows at which the batches of a recorded replay ended; undefined = batches are formed from the trace. */
  readonly batchEnds?: Uint32Array<SharedArrayBuffer>;
}

/**
 * The cells of a sweep, each once, in the order of the results: by trace, server, maxmemory, policy, seed. Throws
 * UsageError for what can't be run.
 */
export function plan(traces: readonly Trace[], sweep: Sweep): PlannedCell[] {
  const cells = traces.flatMap((trace) =>
    sweep.servers.flatMap((server) => cellsOf(trace, serverNamed(server), sweep)),
  );
  const distinct = new Map(cells.map((planned) => [JSON.stringify(planned.cell), planned]));
  return [...distinct.values()];
}

function cellsOf(trace: Trace, profile: ServerProfile, sweep: Sweep): PlannedCell[] {
  const { settings } = sweep;
  const allocator = sweep.allocator ?? profile.defaultAllocator;
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
  const policies = selectPolicies(sweep.policies, profile);
  const emptyBytes =
    (settings.startupMemoryBytes ?? profile.startupMemoryBytes(allocator)) +
    (settings.clientMemoryBytes ?? profile.idleClientBytes(allocator));
  let footprint: number | undefined;
  const limits = sweep.maxmemory.map((limit) =>
    maxmemoryBytes(
      limit,
      emptyBytes,
      () => (footprint ??= footprintBytes(trace, profile, allocator)),
      profile.name,
    ),
  );
  const common = {
    ...settings,
    workload: trace.name,
    server: profile.name,
    allocator,
    warmupRows: sweep.warmupRows(trace),
    timelineIntervalMs: sweep.timelineIntervalMs(trace),
  };
  return limits.flatMap((limit) =>
    policies.flatMap((policy) =>
      sweep.seeds.map((seed) => ({
        trace,
        cell: { ...common, policy, maxmemoryBytes: limit, seed },
      })),
    ),
  );
}
