import Table from 'cli-table3';
import { policyNamed } from '../../policies/registry.ts';
import { PLAIN_TABLE } from '../../report/plain-table.ts';
import { percent } from '../../report/words.ts';
import { formatBytes } from '../../units.ts';
import {
  estimate,
  EVICTIONS_PER_S,
  EXPIRATIONS_PER_S,
  HIT_RATIO,
  type CurvePoint,
  type Measure,
} from '../point.ts';
import type { ServerSizing, Sizing } from '../sizing.ts';

/** Several TTL scales side by side: at the sizes that were asked for, else at each one's answer. '' for a single scale. */
export function ttlTable({ servers, facts }: Sizing): string {
  if (new Set(servers.map(({ ttlScale }) => ttlScale)).size < 2) return '';
  const rows = new Table({
    ...PLAIN_TABLE,
    head: [
      'server',
      'TTLs',
      'holds all',
      'policy',
      'maxmemory',
      'hit ratio',
      '95 % CI',
      'evictions/s',
      'before TTL/s',
      'expirations/s',
    ],
    colAligns: ['left', 'right', 'right', 'left', ...Array<'right'>(6).fill('right')],
  });
  for (const sizing of servers) {
    const { server, ttlScale, unlimited } = sizing;
    for (const point of pointsOf(sizing)) {
      const figure = (measure: Measure): string => {
        const value = estimate(point, measure, facts)?.mean;
        return value === undefined ? '–' : value.toPrecision(3);
      };
      const ratio = estimate(point, HIT_RATIO, facts);
      // What has a TTL and was evicted had time left; the engine does not count it apart from what has none.
      const hadTime = facts.allHaveTtl || policyNamed(point.cell.policy).volatileOnly;
      rows.push([
        server,
        `x${ttlScale}`,
        unlimited === undefined ? '' : formatBytes(unlimited.peakBytes),
        point.cell.policy,
        formatBytes(point.cell.maxmemoryBytes),
        ratio === undefined ? '–' : percent(ratio.mean),
        ratio?.halfWidth === undefined ? '' : `± ${(100 * ratio.halfWidth).toFixed(2)}`,
        figure(EVICTIONS_PER_S),
        hadTime ? figure(EVICTIONS_PER_S) : '?',
        figure(EXPIRATIONS_PER_S),
      ]);
    }
  }
  return `\nAgainst TTL\n${rows.toString()}\n`;
}

function pointsOf({ answers, best, verified, curves }: ServerSizing): readonly CurvePoint[] {
  if (answers.length === 0) return curves.flatMap(({ points }) => points);
  const answer = verified?.point ?? best?.at;
  return answer === undefined ? [] : [answer];
}
