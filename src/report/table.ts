import { styleText } from 'node:util';
import Table from 'cli-table3';
import { rankPolicies, type RankedPolicy, type Ranking } from '../metrics/ranking.ts';
import { meanOf } from '../metrics/seeds.ts';
import type { CellResult } from '../replay/cell.ts';
import { formatBytes } from '../units.ts';
import { PLAIN_TABLE } from './plain-table.ts';
import type { Report, Style } from './report.ts';
import { upgradeTables } from './upgrade-table.ts';
import { count, counted, percent, points } from './words.ts';

/**
 * For people: one table per workload, server and maxmemory, policies by falling hit ratio, the best one marked; of
 * several servers, what each makes of the same maxmemory.
 */
export const table: Report = {
  name: 'table',
  summary:
    'For people: policies by hit ratio, servers side by side, differences judged against the seeds.',
  render(results, { references, color }) {
    const style: Style = (format, text) =>
      color ? styleText(format, text, { validateStream: false }) : text;
    const rankings = rankPolicies(results, references);
    const tables = rankings.map((ranking) => `${title(ranking, style)}\n${body(ranking, style)}\n`);
    return `${tables.join('\n')}${upgradeTables(results, style)}${footnotes(rankings)}`;
  },
};

function title({ cell, server, references }: Ranking, style: Style): string {
  const { requests } = (server[0] ?? references[0]).results[0];
  const limit = cell.maxmemoryBytes === 0 ? 'no limit' : formatBytes(cell.maxmemoryBytes);
  const about = `${cell.server}, ${cell.allocator}, maxmemory ${limit}, ${counted(requests, 'request')}`;
  return `${style('bold', cell.workload)} (${about})`;
}

function body(ranking: Ranking, style: Style): string {
  const { server, references, best } = ranking;
  const hasSeeds = [...server, ...references].some((policy) => policy.results.length > 1);
  const rows = new Table({
    ...PLAIN_TABLE,
    head: [
      '',
      'policy',
      'hit ratio',
      hasSeeds ? '95 % CI' : '',
      'evicted',
      'expired',
      'OOM',
      'keys',
      'peak',
      '',
    ],
    colAligns: [
      'left',
      'left',
      'right',
      'right',
      'right',
      'right',
      'right',
      'right',
      'right',
      'left',
    ],
  });
  for (const policy of server) rows.push(row(policy, remark(policy), style));
  if (references.length > 0) {
    rows.push(['', { colSpan: 9, content: style('dim', 'left on the table by the server') }]);
    for (const policy of references) rows.push(row(policy, distance(policy, best), style));
  }
  // The last column is often empty, and padded.
  return rows.toString().replaceAll(/ +$/gm, '');
}

function row(policy: RankedPolicy, note: string, style: Style): string[] {
  const { hitRatio, standing } = policy;
  const isBest = standing === 'best';
  const name = isBest ? style(['bold', 'green'], policy.policy) : policy.policy;
  const mean = (of: (result: CellResult) => number): number => meanOf(policy, of);
  const halfWidth = hitRatio?.halfWidth95;
  return [
    isBest ? '★' : '',
    name,
    hitRatio === undefined ? '–' : percent(hitRatio.mean),
    halfWidth === undefined ? '' : `± ${percent(halfWidth)}`,
    count(mean((r) => r.evictedKeys)),
    count(mean((r) => r.expiredKeys)),
    count(mean((r) => r.oomErrors)),
    count(mean((r) => r.keys)),
    formatBytes(Math.round(mean((r) => r.peakMemoryBytes))),
    note,
  ];
}

function remark({ standing, results }: RankedPolicy): string {
  const refused = results.some((r) => r.oomErrors > 0) ? 'refuses writes' : '';
  const against = { best: 'best', same: 'same as best', different: '', unknown: '' }[standing];
  return [against, refused].filter((part) => part !== '').join(', ');
}

function distance({ hitRatio }: RankedPolicy, best: RankedPolicy | undefined): string {
  if (hitRatio === undefined || best?.hitRatio === undefined) return '';
  return points(hitRatio.mean - best.hitRatio.mean);
}

function footnotes(rankings: readonly Ranking[]): string {
  const all = rankings.flatMap((ranking) => [...ranking.server, ...ranking.references]);
  const seeds = Math.max(0, ...all.map((policy) => policy.results.length));
  const notes = [];
  if (all.some((p) => p.standing === 'best')) {
    notes.push('★ highest hit ratio of the server policies that refuse no write.');
  }
  if (seeds > 1) {
    notes.push(
      `Means over ${seeds} seeds; "same as best", "within noise": no difference in a paired t-test at 5 %.`,
    );
  } else if (all.length > 1) {
    notes.push("One seed: it can't tell small differences from chance. --repeat 5 can.");
  }
  return notes.length === 0 ? '' : `\n${notes.join('\n')}\n`;
}
