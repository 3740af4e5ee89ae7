import Table from 'cli-table3';
import type { Cell } from '../../replay/cell.ts';
import { PLAIN_TABLE } from '../../report/plain-table.ts';
import { percent } from '../../report/words.ts';
import { formatBytes } from '../../units.ts';
import type { TraceFacts } from '../facts.ts';
import { estimate, EVICTIONS_PER_S, HIT_RATIO } from '../point.ts';
import type { Trial, Tuning } from '../tune.ts';
import type { Style } from './report.ts';

/** What each setting does to one policy at one maxmemory, and a sentence for each. */
export function tuningText(
  cell: Cell,
  tunings: readonly Tuning[],
  facts: TraceFacts,
  style: Style,
): string {
  if (tunings.length === 0) return '';
  const title = `${style('bold', 'Tuning')} ${cell.policy} at ${formatBytes(cell.maxmemoryBytes)}`;
  const rows = new Table({
    ...PLAIN_TABLE,
    head: ['setting', 'value', 'hit ratio', 'against now', '95 % CI', 'sampled keys', ''],
    colAligns: ['left', 'right', 'right', 'right', 'right', 'right', 'left'],
  });
  for (const { setting, trials, enough } of tunings) {
    for (const [i, trial] of trials.entries()) {
      rows.push([
        i === 0 ? setting : '',
        ...trialCells(trial, facts),
        trial === enough ? 'enough' : '',
      ]);
    }
  }
  const table = rows.toString().replaceAll(/ +$/gm, '');
  return `${title}\n${table}\n${tunings.map(sentence).join('\n')}\n`;
}

function trialCells({ value, point, difference, isCurrent }: Trial, facts: TraceFacts): string[] {
  const ratio = estimate(point, HIT_RATIO, facts)?.mean;
  const evictions = estimate(point, EVICTIONS_PER_S, facts)?.mean ?? 0;
  const perSecond = evictions * point.cell.maxmemorySamples;
  return [
    String(value),
    ratio === undefined ? '–' : percent(ratio),
    isCurrent ? 'now' : points(difference.mean),
    isCurrent || difference.halfWidth95 === undefined
      ? ''
      : `± ${(100 * difference.halfWidth95).toFixed(2)}`,
    `${Math.round(perSecond).toLocaleString('en-US')}/s`,
  ];
}

function sentence({ setting, trials, enough }: Tuning): string {
  const best = trials.reduce((a, b) => (b.difference.mean > a.difference.mean ? b : a));
  const { mean, halfWidth95 = 0 } = best.difference;
  if (!enough.isCurrent)
    return `${setting} ${enough.value} would bring ${points(enough.difference.mean)} points of hit ratio.`;
  if (best.isCurrent)
    return `${setting} ${enough.value} is enough here: no value tried does better.`;
  const chance = mean <= halfWidth95 ? ', which may be chance' : '';
  return `${setting} ${enough.value} is enough here: ${best.value} would bring ${points(mean)} points${chance}.`;
}

const points = (difference: number): string =>
  `${difference < 0 ? '−' : '+'}${Math.abs(100 * difference).toFixed(2)}`;
