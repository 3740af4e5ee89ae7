import { stringify } from 'csv-stringify/sync';
import { formatValue } from '../../metrics/columns.ts';
import { CURVE_COLUMNS } from './columns.ts';
import type { SizeReport } from './report.ts';

/** One row per point of every curve. */
export const csv: SizeReport = {
  name: 'csv',
  render({ servers, facts }) {
    const points = servers.flatMap(({ curves }) => curves.flatMap((curve) => curve.points));
    const rows = points.map((point) =>
      CURVE_COLUMNS.map((column) => formatValue(column.value(point, facts), column.format)),
    );
    return stringify(rows, { header: true, columns: CURVE_COLUMNS.map((column) => column.name) });
  },
};
