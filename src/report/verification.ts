import { styleText } from 'node:util';
import { stringify } from 'csv-stringify/sync';
import Table from 'cli-table3';
import { formatValue, type ColumnFormat } from '../metrics/columns.ts';
import type { ComparedFigure } from '../metrics/comparison.ts';
import type { Cell } from '../replay/cell.ts';
import { formatBytes } from '../units.ts';
import { PLAIN_TABLE } from './plain-table.ts';

/** One policy under one limit, server and engine side by side. */
export interface Verification {
  /** `redis 7.0.15`. */
  readonly server: string;
  readonly clock: 'trace' | 'real';
  readonly requests: number;
  readonly cell: Cell;
  readonly figures: readonly ComparedFigure[];
}

/** Forms a verification can be written in, by the names of the other reports. */
export const VERIFICATION_REPORTS: Readonly<
  Record<string, (verifications: readonly Verification[], color: boolean) => string>
> = { csv, json, table };

export const isConfirmed = ({ figures }: Verification): boolean =>
  figures.every((figure) => figure.isWithin);

/** One row per policy and figure; numbers as they are. */
function rowsOf(
  verifications: readonly Verification[],
): Record<string, string | number | boolean>[] {
  return verifications.flatMap(({ server, clock, requests, cell, figures }) =>
    figures.map((figure) => {
      const number = (value: number): number =>
        Number(formatValue(value, figure.format === 'ratio' ? 'ratio' : 'seconds'));
      return {
        workload: cell.workload,
        server,
        profile: cell.server,
        allocator: cell.allocator,
        policy: cell.policy,
        maxmemory_bytes: cell.maxmemoryBytes,
        clock,
        requests,
        figure: figure.name,
        server_mean: number(figure.server.mean),
        server_sd: number(figure.server.sd),
        server_runs: figure.server.runs,
        engine_mean: number(figure.engine.mean),
        engine_sd: number(figure.engine.sd),
        engine_runs: figure.engine.runs,
        difference: number(figure.difference),
        tolerance: number(figure.tolerance),
        within: figure.isWithin,
      };
    }),
  );
}

function csv(verifications: readonly Verification[]): string {
  const rows = rowsOf(verifications);
  const text = rows.map((row) => Object.values(row).map(String));
  return stringify(text, { header: true, columns: Object.keys(rows[0]) });
}

function json(verifications: readonly Verification[]): string {
  const cells = verifications.map(({ cell }) => cell);
  return `${JSON.stringify({ figures: rowsOf(verifications), cells }, null, 2)}\n`;
}

function table(verifications: readonly Verification[], color: boolean): string {
  const style = (format: Parameters<typeof styleText>[0], text: string): string =>
    color ? styleText(format, text, { validateStream: false }) : text;
  const { server, clock, requests, cell } = verifications[0];
  const title =
    `${style('bold', cell.workload)} on ${server} and on the engine as ${cell.server} (${cell.allocator}), ` +
    `${requests.toLocaleString('en-US')} requests, ${clock === 'trace' ? 'trace clock' : 'real time'}`;
  const rows = new Table({
    ...PLAIN_TABLE,
    head: ['policy', 'maxmemory', '', 'server', 'engine', 'difference', 'tolerance', ''],
    colAligns: ['left', 'right', 'left', 'right', 'right', 'right', 'right', 'left'],
  });
  for (const verification of verifications) {
    const { policy, maxmemoryBytes } = verification.cell;
    // What neither side has needs no line.
    const shown = verification.figures.filter((f) => f.server.mean !== 0 || f.engine.mean !== 0);
    for (const [i, figure] of shown.entries()) {
      rows.push([
        i === 0 ? policy : '',
        i === 0 ? (maxmemoryBytes === 0 ? 'no limit' : formatBytes(maxmemoryBytes)) : '',
        figure.name,
        withNoise(figure.server, figure.format),
        withNoise(figure.engine, figure.format),
        signed(figure.difference, figure.format),
        `± ${shownValue(figure.tolerance, figure.format)}`,
        figure.isWithin ? style('green', 'ok') : style(['bold', 'red'], 'OUT'),
      ]);
    }
  }
  const off = verifications.filter((one) => !isConfirmed(one));
  const verdict =
    off.length === 0
      ? 'The engine answers as the server does, within tolerance.'
      : `Beyond tolerance: ${off.map((one) => one.cell.policy).join(', ')}.`;
  return `${title}\n${rows.toString().replaceAll(/ +$/gm, '')}\n\n${verdict}\n`;
}

function withNoise({ mean, sd, runs }: ComparedFigure['server'], format: ColumnFormat): string {
  const noise = runs > 1 ? ` (sd ${shownValue(sd, format)})` : '';
  return `${shownValue(mean, format)}${noise}`;
}

function signed(value: number, format: ColumnFormat): string {
  const text = shownValue(Math.abs(value), format);
  return /[1-9]/.test(text) ? `${value < 0 ? '−' : '+'}${text}` : text;
}

function shownValue(value: number, format: ColumnFormat): string {
  if (format === 'ratio') return `${(value * 100).toFixed(3)} %`;
  return Math.round(value).toLocaleString('en-US');
}
