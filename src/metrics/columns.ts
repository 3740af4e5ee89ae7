import type { Cell, CellResult } from '../replay/cell.ts';

/** How a column's values are written: text and counts as they are, the others with a fixed number of decimals. */
export type ColumnFormat = 'text' | 'count' | 'ratio' | 'seconds';

/** One figure, declared once: every report takes its columns from here. */
export interface Column<Of extends readonly unknown[]> {
  readonly name: string;
  readonly format: ColumnFormat;
  readonly unit: string;
  readonly description: string;
  /** undefined where there is nothing to say, such as a hit ratio without lookups: an empty field. */
  readonly value: (...of: Of) => string | number | undefined;
}

/** A metric of a run. */
export type RunColumn = Column<[result: CellResult]>;

const ratio = (part: number, whole: number): number | undefined =>
  whole === 0 ? undefined : part / whole;

/** Hits among lookups; undefined without lookups. */
export const hitRatio = (r: { hits: number; misses: number }): number | undefined =>
  ratio(r.hits, r.hits + r.misses);

export function column<Of extends readonly unknown[]>(
  name: string,
  format: ColumnFormat,
  unit: string,
  description: string,
  value: Column<Of>['value'],
): Column<Of> {
  return { name, format, unit, description, value };
}

/** The settings that every table of results begins with. */
const CELL_COLUMNS: readonly Column<[cell: Cell]>[] = [
  column('workload', 'text', 'name', 'workload or trace', (c) => c.workload),
  column('server', 'text', 'name', 'server profile', (c) => c.server),
  column('allocator', 'text', 'name', 'how requests for memory are rounded up', (c) => c.allocator),
  column('policy', 'text', 'name', 'maxmemory-policy, or a reference', (c) => c.policy),
  column('maxmemory_bytes', 'count', 'bytes', '0 = no limit', (c) => c.maxmemoryBytes),
  column(
    'maxmemory_samples',
    'count',
    'keys',
    'candidates drawn per eviction',
    (c) => c.maxmemorySamples,
  ),
  column('lfu_log_factor', 'count', 'number', 'lfu-log-factor', (c) => c.lfuLogFactor),
  column('lfu_decay_time', 'count', 'minutes', 'lfu-decay-time', (c) => c.lfuDecayTime),
];

/** The same as columns of what has such a cell. */
export function cellColumns<
  Of extends readonly [{ readonly cell: Cell }, ...unknown[]],
>(): Column<Of>[] {
  return CELL_COLUMNS.map((one) => ({ ...one, value: (...[{ cell }]: Of) => one.value(cell) }));
}

/** The columns of `run`, in the order scripts rely on; new ones go to the end. */
export const RUN_COLUMNS: readonly RunColumn[] = [
  ...cellColumns<[result: CellResult]>(),
  column('seed', 'count', 'number', "seed of the server's own randomness", (r) => r.cell.seed),
  column('requests', 'count', 'rows', 'trace rows replayed after the warm-up', (r) => r.requests),
  column('hits', 'count', 'lookups', 'lookups that found their key', (r) => r.hits),
  column('misses', 'count', 'lookups', 'lookups that did not', (r) => r.misses),
  column('hit_ratio', 'ratio', '0 … 1', 'hits / (hits + misses)', hitRatio),
  column('byte_hit_ratio', 'ratio', '0 … 1', 'value bytes of hits / of all lookups', (r) =>
    ratio(r.hitBytes, r.lookupBytes),
  ),
  column('evicted_keys', 'count', 'keys', 'keys evicted', (r) => r.evictedKeys),
  column('expired_keys', 'count', 'keys', 'keys whose TTL ran out', (r) => r.expiredKeys),
  column('oom_errors', 'count', 'commands', 'commands refused with -OOM', (r) => r.oomErrors),
  column('keys', 'count', 'keys', 'keys at the end', (r) => r.keys),
  column('used_memory_bytes', 'count', 'bytes', 'used_memory at the end', (r) => r.usedMemoryBytes),
  column(
    'peak_memory_bytes',
    'count',
    'bytes',
    'the highest used_memory',
    (r) => r.peakMemoryBytes,
  ),
  column('elapsed_s', 'seconds', 's', 'wall time of the replay', (r) => r.elapsedMs / 1000),
  column('requests_per_s', 'count', '1/s', 'rows replayed per second of wall time', (r) =>
    r.elapsedMs === 0 ? undefined : Math.round(r.requests / (r.elapsedMs / 1000)),
  ),
];

const DECIMALS: Readonly<Partial<Record<ColumnFormat, number>>> = { ratio: 6, seconds: 3 };

/** The text of a value as CSV and JSON have it; '' for none. */
export function formatValue(value: string | number | undefined, format: ColumnFormat): string {
  if (value === undefined) return '';
  const decimals = DECIMALS[format];
  return typeof value === 'number' && decimals !== undefined
    ? value.toFixed(decimals)
    : String(value);
}
