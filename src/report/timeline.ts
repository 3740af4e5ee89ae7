import { stringify } from 'csv-stringify/sync';
import { formatValue } from '../metrics/columns.ts';
import { TIMELINE_COLUMNS } from '../metrics/timeline-columns.ts';
import type { CellResult } from '../replay/cell.ts';

/** The timelines of all cells as one CSV: one row per cell and interval. */
export function timelineCsv(results: readonly CellResult[]): string {
  const rows = results.flatMap((result) =>
    result.timeline.map((point) =>
      TIMELINE_COLUMNS.map((column) => formatValue(column.value(result, point), column.format)),
    ),
  );
  return stringify(rows, { header: true, columns: TIMELINE_COLUMNS.map((column) => column.name) });
}
