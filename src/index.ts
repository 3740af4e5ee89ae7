/**
 * The library: everything the command line is made of, as functions of plain values.
 *
 * ```ts
 * const trace = generate(await loadWorkload('zipf-0.99'));
 * const [outcome] = await runCells(plan([trace], { … }), { jobs: 2 });
 * ```
 */
export { InvariantError, UsageError } from './errors.ts';
export { formatBytes, parseDuration, parseSize } from './units.ts';

export { builtinWorkloads, loadWorkload } from './workload/load.ts';
export { generate, generateSpooled } from './workload/generate.ts';
export type { WorkloadSpec } from './workload/spec.ts';

export { keyName, type Trace } from './trace/trace.ts';
export { OPERATIONS, type Operation } from './trace/operations.ts';
export { NO_TTL, decodeTtl, encodeTtl } from './trace/ttl.ts';
export { readTrace, readTraceInto, type ReadTraceOptions } from './trace/read-trace.ts';
export { Spool, type SpooledTrace } from './trace/spool.ts';
export { SpooledTraceBuilder } from './trace/spooled-builder.ts';
export type { AnyTrace } from './trace/window.ts';
export { writeCsvTrace } from './trace/writers/csv.ts';
export { TRACE_READERS } from './trace/readers/registry.ts';
export type { TraceReader } from './trace/readers/reader.ts';

export { ALLOCATORS, type Allocator, type ServerProfile } from './servers/profile.ts';
export { SERVER_ALIASES, type ServerAlias } from './servers/aliases.ts';
export { findServer, type FoundServer } from './servers/find-server.ts';
export { DEFAULT_SERVER, SERVERS, serverNamed } from './servers/registry.ts';
export { POLICIES } from './policies/registry.ts';
export type { PolicyDefinition } from './policies/policy.ts';

export { footprintBytes } from './engine/footprint.ts';
export type { Cell, CellResult, Counters, TimelinePoint } from './replay/cell.ts';
export { DEFAULT_SETTINGS } from './replay/defaults.ts';
export { runCell } from './replay/replay.ts';
export { parseMaxmemory, type Maxmemory } from './replay/maxmemory.ts';
export { plan, type CommonSettings, type PlannedCell, type Sweep } from './replay/plan.ts';
export { runCells, type CellOutcome, type PoolOptions } from './replay/pool.ts';

export {
  headroom,
  tableDoubling,
  type Headroom,
  type HeadroomPart,
  type HeadroomRequest,
  type TableDoubling,
} from './sizing/headroom.ts';
export {
  traceHeadroom,
  type HeadroomOptions,
  type TraceHeadroom,
} from './sizing/trace-headroom.ts';
export { copiedPages, snapshotCosts, type SnapshotCosts } from './sizing/copy-on-write.ts';
export { copyingVerdict, forkVerdict, neededOvercommitRatio } from './sizing/overcommit.ts';
export type { Host } from './sizing/host.ts';
export { platformSettings, valuesYaml, type PlatformSetting } from './sizing/platforms.ts';

export { RUN_COLUMNS, hitRatio, type RunColumn as Column } from './metrics/columns.ts';
export { rankPolicies, type RankedPolicy, type Ranking } from './metrics/ranking.ts';
export { REPORTS } from './report/registry.ts';
export type { Report, ReportOptions } from './report/report.ts';
export { timelineCsv } from './report/timeline.ts';
