import Table from 'cli-table3';
import { groupBy } from '../metrics/seeds.ts';
import { upgradePaths, type UpgradePath, type UpgradeStep } from '../metrics/upgrade.ts';
import type { CellResult } from '../replay/cell.ts';
import { formatBytes } from '../units.ts';
import { PLAIN_TABLE } from './plain-table.ts';
import type { Style } from './report.ts';
import { count, counted, percent, points } from './words.ts';

/** What other servers make of the same maxmemory: a table per workload and limit, a block per policy. '' for one server. */
export function upgradeTables(results: readonly CellResult[], style: Style): string {
  const tables = groupBy(upgradePaths(results), ({ cell }) =>
    JSON.stringify({ ...cell, server: '', allocator: '', policy: '', seed: 0 }),
  );
  return tables.map((paths) => `\n${title(paths[0], style)}\n${body(paths)}\n`).join('');
}

function title({ cell, steps }: UpgradePath, style: Style): string {
  const limit = cell.maxmemoryBytes === 0 ? 'no limit' : formatBytes(cell.maxmemoryBytes);
  const { requests } = steps[0].results[0];
  const about = `maxmemory ${limit}, ${counted(requests, 'request')}`;
  return `${style('bold', cell.workload)} on every server (${about})`;
}

function body(paths: readonly UpgradePath[]): string {
  const steps = paths.flatMap((path) => path.steps);
  const hasSeeds = steps.some(({ results }) => results.length > 1);
  const rows = new Table({
    ...PLAIN_TABLE,
    head: [
      'policy',
      'server',
      'keys',
      'bytes/key',
      'hit ratio',
      hasSeeds ? '95 % CI' : '',
      'difference',
      '',
    ],
    colAligns: ['left', 'left', 'right', 'right', 'right', 'right', 'right', 'left'],
  });
  for (const { cell, steps: servers } of paths) {
    for (const [i, step] of servers.entries())
      rows.push([i === 0 ? cell.policy : '', ...row(step)]);
  }
  return rows.toString().replaceAll(/ +$/gm, '');
}

function row({ hitRatio, ...step }: UpgradeStep): string[] {
  const halfWidth = hitRatio?.halfWidth95;
  return [
    `${step.server} ${step.allocator.replace('jemalloc-', '')}`,
    count(step.keys),
    step.bytesPerKey === undefined ? '–' : step.bytesPerKey.toFixed(1),
    hitRatio === undefined ? '–' : percent(hitRatio.mean),
    halfWidth === undefined ? '' : `± ${percent(halfWidth)}`,
    step.standing === 'first' || step.difference === undefined ? '' : points(step.difference),
    { first: '', same: 'within noise', different: 'real', unknown: '' }[step.standing],
  ];
}
