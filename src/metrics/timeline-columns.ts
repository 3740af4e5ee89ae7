import type { CellResult, TimelinePoint } from '../replay/cell.ts';
import { RUN_COLUMNS, hitRatio, type ColumnFormat } from './columns.ts';

/** One column of `--timeline`: of the cell, or of a point in its time. */
export interface TimelineColumn {
  readonly name: string;
  readonly format: ColumnFormat;
  readonly value: (result: CellResult, point: TimelinePoint) => string | number | undefined;
}

const CELL_COLUMNS = ['workload', 'server', 'allocator', 'policy', 'maxmemory_bytes', 'seed'];

/** What says which cell a row belongs to, then the point: counts within the interval, state at its end. */
export const TIMELINE_COLUMNS: readonly TimelineColumn[] = [
  ...RUN_COLUMNS.filter((column) => CELL_COLUMNS.includes(column.name)),
  { name: 'time_ms', format: 'count', value: (_, p) => p.timeMs },
  { name: 'requests', format: 'count', value: (_, p) => p.requests },
  { name: 'hits', format: 'count', value: (_, p) => p.hits },
  { name: 'misses', format: 'count', value: (_, p) => p.misses },
  { name: 'hit_ratio', format: 'ratio', value: (_, p) => hitRatio(p) },
  { name: 'evicted_keys', format: 'count', value: (_, p) => p.evictedKeys },
  { name: 'expired_keys', format: 'count', value: (_, p) => p.expiredKeys },
  { name: 'oom_errors', format: 'count', value: (_, p) => p.oomErrors },
  { name: 'keys', format: 'count', value: (_, p) => p.keys },
  { name: 'used_memory_bytes', format: 'count', value: (_, p) => p.usedMemoryBytes },
];
