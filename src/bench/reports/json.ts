import { outcomeOf } from '../verdict.ts';
import { comparisonOf, fieldsOf } from './columns.ts';
import type { BenchReport } from './report.ts';

export const json: BenchReport = {
  name: 'json',
  summary: 'The same as objects, with every metric and raw sample.',
  render(run) {
    const { environment, seed, results, comparison } = run;
    const tasks = results.map((result, i) => {
      const fields = Object.entries(fieldsOf(run, result, comparisonOf(run, i)));
      return {
        ...Object.fromEntries(fields.filter(([name]) => !(name in environment))),
        metrics: result.metrics,
        rounds: result.rounds,
      };
    });
    const compared = comparison && {
      with: comparison.with,
      environment: comparison.environment,
      speed_doubts: comparison.speedDoubts,
      min_effect: comparison.minEffect,
      outcome: outcomeOf(comparison),
    };
    return `${JSON.stringify({ environment, seed, comparison: compared, tasks }, null, 2)}\n`;
  },
};
