import { stringify } from 'csv-stringify/sync';
import { comparisonOf, fieldsOf } from './columns.ts';
import type { BenchReport } from './report.ts';

export const csv: BenchReport = {
  name: 'csv',
  summary: 'One row per task.',
  render(run) {
    const rows = run.results.map((result, i) => fieldsOf(run, result, comparisonOf(run, i)));
    return stringify(
      rows.map((row) => Object.values(row).map((field) => String(field ?? ''))),
      { header: true, columns: Object.keys(rows[0]) },
    );
  },
};
