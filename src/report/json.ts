import { RUN_COLUMNS, formatValue } from '../metrics/columns.ts';
import type { CellResult } from '../replay/cell.ts';
import type { Report } from './report.ts';

/** The same columns as objects, numbers as numbers and null for none, with every setting and the timeline. */
export const json: Report = {
  name: 'json',
  summary: 'The same columns as objects, with every setting of the cell and its timeline.',
  render(results) {
    const columns = RUN_COLUMNS.map(({ name, unit, description }) => ({ name, unit, description }));
    return `${JSON.stringify({ columns, cells: results.map(cellObject) }, null, 2)}\n`;
  },
};

function cellObject(result: CellResult): Record<string, unknown> {
  const entries = RUN_COLUMNS.map((column): [string, unknown] => {
    const value = column.value(result);
    if (value === undefined) return [column.name, null];
    return [
      column.name,
      column.format === 'text' ? value : Number(formatValue(value, column.format)),
    ];
  });
  return { ...Object.fromEntries(entries), settings: result.cell, timeline: result.timeline };
}
