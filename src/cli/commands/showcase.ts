import { availableParallelism } from 'node:os';
import { styleText } from 'node:util';
import Table from 'cli-table3';
import { checkWritable } from '../../atomic-file.ts';
import { rankPolicies, type Ranking } from '../../metrics/ranking.ts';
import type { CellResult } from '../../replay/cell.ts';
import { plan } from '../../replay/plan.ts';
import { csv } from '../../report/csv.ts';
import { PLAIN_TABLE } from '../../report/plain-table.ts';
import type { ReportOptions } from '../../report/report.ts';
import { table } from '../../report/table.ts';
import { Arguments } from '../arguments.ts';
import type { Command } from '../command.ts';
import { processConsole, wantsColor } from '../console.ts';
import { EXIT_INTERRUPTED } from '../exit-codes.ts';
import { loadSources } from '../load-sources.ts';
import { IN_MEMORY } from '../trace-store.ts';
import { runSweep } from '../run-sweep.ts';
import { sweepOf } from '../settings.ts';
import { OUTPUT_OPTIONS } from '../options.ts';

/** Small enough for a minute on two cores, different enough that no policy wins everywhere. */
const WORKLOADS = [
  'zipf-0.99',
  'uniform',
  'scan-polluted',
  'shifting',
  'mixed-ttl',
  'cache-and-queue',
];
const REQUESTS = 200_000;
const SEEDS = '3';
const RESULTS_FILE = 'results/showcase.csv';

/** What `npm start` runs: which policy suits which workload, in under a minute. */
export const showcase: Command = {
  usage: 'showcase',
  summary: 'a minute of everything: which policy suits which workload',
  build: (yargs) =>
    yargs.options({
      'no-progress': OUTPUT_OPTIONS['no-progress'],
      color: OUTPUT_OPTIONS.color,
      'no-color': OUTPUT_OPTIONS['no-color'],
    }),
  async run(args, signal) {
    const console = processConsole(false);
    await checkWritable(RESULTS_FILE);
    console.note(`Replaying ${REQUESTS} requests of each of ${WORKLOADS.length} workloads …`);
    const sweep = sweepOf(
      new Arguments({ policy: ['all', 'reference'], repeat: SEEDS }),
      new Map(),
    );
    const options = { requests: REQUESTS, warn: console.warn };
    const traces = await loadSources(WORKLOADS, options, signal, IN_MEMORY);
    if (signal.aborted) return EXIT_INTERRUPTED;
    return runSweep(plan(traces, sweep), {
      output: { file: { path: RESULTS_FILE, report: csv }, stdout: [table], timeline: undefined },
      jobs: availableParallelism(),
      color: wantsColor(args.flag('color'), args.flag('no-color')),
      progress: !args.flag('no-progress'),
      console,
      signal,
      summary: summaryTable,
    });
  },
};

/** One line per workload: the policy that suits it, what comes close, and what the best reference makes of it. */
function summaryTable(
  results: readonly CellResult[],
  { references, color }: ReportOptions,
): string {
  const rows = new Table({
    ...PLAIN_TABLE,
    head: ['workload', 'best policy', 'hit ratio', 'as good', 'worst', 'best reference'],
    colAligns: ['left', 'left', 'right', 'left', 'left', 'left'],
  });
  for (const ranking of rankPolicies(results, references)) rows.push(summaryRow(ranking, color));
  return `\nWhich policy suits which workload\n${rows.toString()}\n\n`;
}

function summaryRow({ cell, server, references, best }: Ranking, color: boolean): string[] {
  const percent = (ratio: number | undefined): string =>
    ratio === undefined ? '–' : `${(ratio * 100).toFixed(1)} %`;
  // A policy that refuses writes is no alternative, whatever its hits.
  const asGood = server
    .filter((p) => p.standing === 'same' && p.results.every((r) => r.oomErrors === 0))
    .map((p) => p.policy);
  const worst = server.toSorted((a, b) => (a.hitRatio?.mean ?? 1) - (b.hitRatio?.mean ?? 1)).at(0);
  const reference = references.at(0);
  const name = best?.policy ?? '–';
  return [
    cell.workload,
    color ? styleText(['bold', 'green'], name, { validateStream: false }) : name,
    percent(best?.hitRatio?.mean),
    asGood.length > 3 ? `${asGood.length} others` : asGood.join(' '),
    worst === undefined ? '' : `${worst.policy} ${percent(worst.hitRatio?.mean)}`,
    reference === undefined ? '' : `${reference.policy} ${percent(reference.hitRatio?.mean)}`,
  ];
}
