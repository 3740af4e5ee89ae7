import { stringify } from 'csv-stringify/sync';
import { RUN_COLUMNS, formatValue } from '../metrics/columns.ts';
import type { Report } from './report.ts';

/** One row per cell with the columns of metrics/columns.ts. */
export const csv: Report = {
  name: 'csv',
  summary: 'One row per cell; the columns scripts rely on.',
  render(results) {
    const rows = results.map((result) =>
      RUN_COLUMNS.map((column) => formatValue(column.value(result), column.format)),
    );
    return stringify(rows, { header: true, columns: RUN_COLUMNS.map((column) => column.name) });
  },
};
