import { styleText } from 'node:util';
import { stringify } from 'csv-stringify/sync';
import Table from 'cli-table3';
import { formatValue, hitRatio, type ColumnFormat } from '../metrics/columns.ts';
import { groupBy } from '../metrics/seeds.ts';
import { spread } from '../metrics/spread.ts';
import type { Cell } from '../replay/cell.ts';
import type { EqualHitRatio } from '../upgrade/equal-hit-ratio.ts';
import { formatBytes } from '../units.ts';
import { PLAIN_TABLE } from './plain-table.ts';
import type { Style } from './report.ts';
import { count, counted, percent } from './words.ts';

/** Forms it can be written in, by the names of the other reports. */
export const EQUAL_HIT_RATIO_REPORTS: Readonly<
  Record<string, (found: readonly EqualHitRatio[], color: boolean) => string>
> = { csv, json, table };

type Value = string | number | undefined;

const COLUMNS: readonly [string, ColumnFormat, (found: EqualHitRatio) => Value][] = [
  ['workload', 'text', ({ cell }) => cell.workload],
  ['policy', 'text', ({ cell }) => cell.policy],
  ['seed', 'count', ({ cell }) => cell.seed],
  ['first_server', 'text', ({ first }) => first.cell.server],
  ['first_allocator', 'text', ({ first }) => first.cell.allocator],
  ['first_maxmemory_bytes', 'count', ({ first }) => first.cell.maxmemoryBytes],
  ['first_hit_ratio', 'ratio', ({ first }) => hitRatio(first)],
  ['first_keys', 'count', ({ first }) => first.keys],
  ['server', 'text', ({ cell }) => cell.server],
  ['allocator', 'text', ({ cell }) => cell.allocator],
  ['state', 'text', ({ state }) => state],
  ['maxmemory_bytes', 'count', ({ later }) => later?.cell.maxmemoryBytes],
  ['short_maxmemory_bytes', 'count', ({ shortBytes }) => shortBytes],
  ['hit_ratio', 'ratio', ({ later }) => later && hitRatio(later)],
  ['keys', 'count', ({ later }) => later?.keys],
];

/** One row per policy, limit, later server and seed. */
function csv(found: readonly EqualHitRatio[]): string {
  const rows = found.map((one) =>
    COLUMNS.map(([, format, value]) => formatValue(value(one), format)),
  );
  return stringify(rows, { header: true, columns: COLUMNS.map(([name]) => name) });
}

function json(found: readonly EqualHitRatio[]): string {
  const searches = found.map((one) => {
    const entries = COLUMNS.map(([name, format, value]): [string, Value | null] => {
      const given = value(one);
      if (given === undefined) return [name, null];
      return [name, format === 'text' ? given : Number(formatValue(given, format))];
    });
    return { ...Object.fromEntries(entries), settings: one.cell };
  });
  return `${JSON.stringify({ searches }, null, 2)}\n`;
}

function table(found: readonly EqualHitRatio[], color: boolean): string {
  const style: Style = (format, text) =>
    color ? styleText(format, text, { validateStream: false }) : text;
  const tables = groupBy(found, ({ cell }) => setting(cell, { policy: '' })).map(
    (group) => `${title(group[0], style)}\n${body(group)}\n`,
  );
  return `${tables.join('\n')}${footnotes(found)}`;
}

/** What cells have in common that differ in server and seed at most. */
function setting(cell: Cell, changes: Partial<Cell>): string {
  return JSON.stringify({ ...cell, server: '', allocator: '', seed: 0, ...changes });
}

const shortName = ({ server, allocator }: Cell): string =>
  `${server} ${allocator.replace('jemalloc-', '')}`;

function title({ first: { cell, requests } }: EqualHitRatio, style: Style): string {
  const limit = formatBytes(cell.maxmemoryBytes);
  return (
    `${style('bold', cell.workload)}: maxmemory for the hit ratio of ${shortName(cell)} with ${limit} ` +
    `(${counted(requests, 'request')})`
  );
}

function body(found: readonly EqualHitRatio[]): string {
  const rows = new Table({
    ...PLAIN_TABLE,
    head: ['policy', 'server', 'maxmemory', '±', 'change', 'hit ratio', 'keys'],
    colAligns: ['left', 'left', 'right', 'right', 'right', 'right', 'right'],
  });
  for (const ofPolicy of groupBy(found, ({ cell }) => cell.policy)) {
    const { first } = ofPolicy[0];
    const ownSeeds = groupBy(ofPolicy, (one) => shortName(one.cell))[0];
    rows.push([
      first.cell.policy,
      shortName(first.cell),
      formatBytes(first.cell.maxmemoryBytes),
      '',
      '',
      ratioOf(ownSeeds, (one) => hitRatio(one.first)),
      count(meanOver(ownSeeds, (one) => one.first.keys) ?? 0),
    ]);
    for (const ofServer of groupBy(ofPolicy, (one) => shortName(one.cell)))
      rows.push(row(ofServer));
  }
  return rows.toString().replaceAll(/ +$/gm, '');
}

const WHY_NONE: Readonly<Record<EqualHitRatio['state'], string>> = {
  found: '',
  unlimited: 'the first never comes to its limit',
  unreachable: 'not reached, whatever the memory',
  'no-lookups': 'no lookups',
};

function row(seeds: readonly EqualHitRatio[]): (string | { colSpan: number; content: string })[] {
  const name = shortName(seeds[0].cell);
  const without = seeds.find(({ state }) => state !== 'found');
  if (without !== undefined) return ['', name, { colSpan: 5, content: WHY_NONE[without.state] }];
  const limits = spread(seeds.map(({ later }) => later?.cell.maxmemoryBytes ?? NaN));
  const change = limits.mean / seeds[0].first.cell.maxmemoryBytes - 1;
  return [
    '',
    name,
    formatBytes(Math.round(limits.mean)),
    formatBytes(Math.round((limits.halfWidth95 ?? 0) + Math.max(...seeds.map(intervalBytes)))),
    `${change < 0 ? '−' : '+'}${percent(Math.abs(change), 1)}`,
    ratioOf(seeds, ({ later }) => later && hitRatio(later)),
    count(meanOver(seeds, ({ later }) => later?.keys) ?? 0),
  ];
}

function meanOver(
  seeds: readonly EqualHitRatio[],
  of: (one: EqualHitRatio) => number | undefined,
): number | undefined {
  const values = seeds.map(of).filter((value) => value !== undefined);
  return values.length === 0 ? undefined : spread(values).mean;
}

function ratioOf(
  seeds: readonly EqualHitRatio[],
  of: (one: EqualHitRatio) => number | undefined,
): string {
  const ratio = meanOver(seeds, of);
  return ratio === undefined ? '–' : percent(ratio);
}

/** Between too little and enough. */
function intervalBytes({ later, shortBytes }: EqualHitRatio): number {
  return later === undefined || shortBytes === undefined
    ? 0
    : later.cell.maxmemoryBytes - shortBytes;
}

function footnotes(found: readonly EqualHitRatio[]): string {
  const shares = found.flatMap((one) =>
    one.later === undefined ? [] : [intervalBytes(one) / one.later.cell.maxmemoryBytes],
  );
  if (shares.length === 0) return '';
  const interval = `what lies between too little and enough (${percent(Math.max(...shares), 1)} of the bytes at most)`;
  const seeds = new Set(found.map(({ cell }) => cell.seed)).size;
  return seeds > 1
    ? `\nMeans over ${seeds} seeds, each searched on its own.\n` +
        `±: their 95 % confidence interval and ${interval}.\n`
    : `\n±: ${interval}.\nOne seed: it can't tell small differences from chance. --repeat 5 can.\n`;
}
