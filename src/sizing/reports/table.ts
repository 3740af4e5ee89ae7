import { styleText } from 'node:util';
import Table from 'cli-table3';
import { PLAIN_TABLE } from '../../report/plain-table.ts';
import { count, counted, percent } from '../../report/words.ts';
import { formatBytes } from '../../units.ts';
import type { PolicyAnswer } from '../answer.ts';
import type { Curve } from '../curve.ts';
import type { TraceFacts } from '../facts.ts';
import {
  estimate,
  EVICTIONS_PER_S,
  HIT_RATIO,
  MISSES_PER_S,
  refusesWrites,
  type CurvePoint,
  type Measure,
} from '../point.ts';
import type { ServerSizing, Sizing } from '../sizing.ts';
import { conclusion } from './conclusion.ts';
import { ttlTable } from './ttl-table.ts';
import { tuningText } from './tuning.ts';
import type { SizeReport, Style } from './report.ts';

const BAR = 40;

/** For people: the curves, the curve of the policy that needs least, what each policy needs, and what to do. */
export const table: SizeReport = {
  name: 'table',
  render(sizing, { color }) {
    const style: Style = (format, text) =>
      color ? styleText(format, text, { validateStream: false }) : text;
    const texts = sizing.servers.map((server) => serverText(sizing, server, style));
    return `${texts.join('\n')}${ttlTable(sizing)}`;
  },
};

function serverText(sizing: Sizing, server: ServerSizing, style: Style): string {
  const { facts } = sizing;
  const parts = [`${title(sizing, server, style)}\n`, curvesTable(server, facts)];
  const shown = server.best?.curve ?? undefined;
  if (shown !== undefined)
    parts.push(`${style('bold', shown.cell.policy)}\n${curveTable(shown, facts)}`);
  if (server.answers.length > 0) parts.push(answersTable(sizing, server, style));
  parts.push(conclusion(sizing, server));
  for (const { cell, tunings } of server.tunings)
    parts.push(tuningText(cell, tunings, facts, style));
  return parts.join('\n');
}

function title(
  { workload, changes, requests, keys, facts }: Sizing,
  { server, ttlScale, curves }: ServerSizing,
  style: Style,
): string {
  const how = howSimulated(curves);
  const warm = facts.warmupRows === 0 ? '' : `, the first ${count(facts.warmupRows)} not counted`;
  return `${style('bold', [workload, ...changes, ...(ttlScale === 1 ? [] : [`--ttl-scale ${ttlScale}`])].join(' '))} (${server}, ${counted(requests, 'request')}${warm}; ${counted(keys, 'key')}; ${how})`;
}

function howSimulated(curves: readonly Curve[]): string {
  const sampled = curves.flatMap(({ points }) => points).filter(({ weight }) => weight > 1);
  if (sampled.length === 0) return 'whole replays';
  const weights = sampled.map(({ weight }) => weight);
  const [least, most] = [Math.min(...weights), Math.max(...weights)];
  const range = least === most ? String(most) : `${least} to ${most}`;
  return `${sampled[0].runs.length} samples of 1 key in ${range}`;
}

/** Policies against the sizes that most of them were run at. */
function curvesTable({ curves }: ServerSizing, facts: TraceFacts): string {
  const all = curves.flatMap(({ points }) => points.map((point) => point.cell.maxmemoryBytes));
  const sizes = [...new Set(all)]
    .filter((bytes) => 2 * all.filter((one) => one === bytes).length > curves.length)
    .sort((a, b) => a - b);
  const rows = new Table({
    ...PLAIN_TABLE,
    head: ['hit ratio, %', ...sizes.map(formatBytes)],
    colAligns: ['left', ...sizes.map(() => 'right' as const)],
  });
  for (const curve of curves) {
    const cells = sizes.map((bytes) => ratioCell(pointAt(curve, bytes), facts));
    rows.push([curve.cell.policy, ...cells]);
  }
  const points = curves.flatMap((curve) => curve.points);
  const widths = points.map((point) => estimate(point, HIT_RATIO, facts)?.halfWidth ?? 0);
  const notes = [`Intervals (95 %) up to ± ${(100 * Math.max(0, ...widths)).toFixed(2)} points.`];
  if (points.some(refusesWrites)) notes.push('x: writes are refused.');
  if (points.some((point) => !point.isFilled))
    notes.push('~: still filling up when counting began.');
  return `${rows.toString()}\n${notes.join(' ')}\n`;
}

function ratioCell(point: CurvePoint | undefined, facts: TraceFacts): string {
  if (point === undefined) return '';
  const ratio = estimate(point, HIT_RATIO, facts)?.mean;
  const marks = (refusesWrites(point) ? 'x' : '') + (point.isFilled ? '' : '~');
  return ratio === undefined ? `–${marks}` : `${marks}${(100 * ratio).toFixed(1)}`;
}

function pointAt({ points }: Curve, bytes: number): CurvePoint | undefined {
  return points.find((point) => point.cell.maxmemoryBytes === bytes);
}

/** One curve with everything, and a bar. */
function curveTable({ points }: Curve, facts: TraceFacts): string {
  const rows = new Table({
    ...PLAIN_TABLE,
    head: ['maxmemory', 'hit ratio', '95 % CI', 'misses/s', 'evictions/s', ''],
    colAligns: ['right', 'right', 'right', 'right', 'right', 'left'],
  });
  for (const point of points) {
    const ratio = estimate(point, HIT_RATIO, facts);
    const mean = (measure: Measure): string => {
      const value = estimate(point, measure, facts)?.mean;
      return value === undefined ? '–' : number(value);
    };
    rows.push([
      formatBytes(point.cell.maxmemoryBytes),
      ratio === undefined ? '–' : percent(ratio.mean),
      ratio?.halfWidth === undefined ? '' : `± ${percent(ratio.halfWidth)}`,
      mean(MISSES_PER_S),
      mean(EVICTIONS_PER_S),
      '█'.repeat(Math.round(BAR * (ratio?.mean ?? 0))),
    ]);
  }
  return `${withoutPadding(rows.toString())}\n`;
}

function answersTable(
  { facts, targets }: Sizing,
  { answers, best, same }: ServerSizing,
  style: Style,
): string {
  const rows = new Table({
    ...PLAIN_TABLE,
    head: [
      '',
      'policy',
      targets.length === 0 ? 'knee at' : 'needs',
      '95 % CI',
      'hit ratio',
      '10 % less',
      '10 % more',
      '',
    ],
    colAligns: ['left', 'left', 'right', 'right', 'right', 'right', 'right', 'left'],
  });
  const ordered = answers.toSorted((a, b) => rank(a) - rank(b));
  for (const answer of ordered) {
    const { policy } = answer.curve.cell;
    const ratio = (value: number | undefined): string =>
      value === undefined ? '–' : percent(value);
    if (answer.kind === 'unreachable') {
      rows.push([
        '',
        policy,
        '–',
        '',
        ratio(estimate(answer.ceiling, HIT_RATIO, facts)?.mean),
        '',
        '',
        targets.length === 0 ? 'no knee' : 'not at any size',
      ]);
      continue;
    }
    const { bytes, interval, isBelow, hitRatio, less, more } = answer;
    const isBest = answer === best;
    rows.push([
      isBest ? '★' : '',
      isBest ? style(['bold', 'green'], policy) : policy,
      `${isBelow ? '≤ ' : ''}${formatBytes(Math.round(bytes))}`,
      interval === undefined
        ? ''
        : `${formatBytes(Math.round(interval[0]))} … ${formatBytes(Math.round(interval[1]))}`,
      ratio(hitRatio),
      ratio(less),
      ratio(more),
      same.includes(answer) ? 'no different from the least' : '',
    ]);
  }
  return `${withoutPadding(rows.toString())}\n`;
}

const rank = (answer: PolicyAnswer): number => (answer.kind === 'need' ? answer.bytes : Infinity);
/** The last column is often empty, and padded. */
const withoutPadding = (text: string): string => text.replaceAll(/ +$/gm, '');
const number = (value: number): string => (value >= 100 ? count(value) : value.toPrecision(3));
