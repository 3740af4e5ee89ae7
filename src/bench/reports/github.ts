import { timingOf } from '../timing.ts';
import { comparisonOf } from './columns.ts';
import { verdictOf } from '../verdict.ts';
import type { BenchReport } from './report.ts';

/** What github-action-benchmark takes as `customSmallerIsBetter`. */
export const github: BenchReport = {
  name: 'github',
  summary: 'For github-action-benchmark, tool customSmallerIsBetter.',
  render(run) {
    const { cpu, node, commit } = run.environment;
    const entries = run.results.flatMap((result, i) => {
      const timing = timingOf(result);
      if (timing === undefined) return [];
      const comparison = comparisonOf(run, i);
      const extra = [
        `${timing.samples} samples`,
        cpu,
        `Node ${node}`,
        ...(commit === '' ? [] : [`commit ${commit}`]),
        ...(comparison ? [verdictOf(comparison)] : []),
      ];
      return [
        {
          name: result.task.id,
          unit: 'ns/request',
          value: Number(timing.median.toFixed(2)),
          range: `± ${timing.mad.toFixed(2)}`,
          extra: extra.join('\n'),
        },
      ];
    });
    return `${JSON.stringify(entries, null, 2)}\n`;
  },
};
