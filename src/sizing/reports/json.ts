import { formatValue } from '../../metrics/columns.ts';
import type { PolicyAnswer } from '../answer.ts';
import type { TraceFacts } from '../facts.ts';
import { estimate, HIT_RATIO, type CurvePoint } from '../point.ts';
import type { RamToProvide } from '../ram.ts';
import type { ServerSizing } from '../sizing.ts';
import type { Tuning } from '../tune.ts';
import { CURVE_COLUMNS } from './columns.ts';
import type { SizeReport } from './report.ts';

/** The points with the columns of the CSV, and the answers: numbers as numbers, null for none. */
export const json: SizeReport = {
  name: 'json',
  render({ workload, changes, requests, keys, facts, targets, servers }) {
    const asked = targets.map(({ measure, goal }) => ({ measure: measure.name, goal }));
    const content = {
      workload,
      changes,
      requests,
      keys,
      counted: {
        lookups: facts.lookups,
        compulsory_misses: facts.compulsoryMisses,
        seconds: facts.seconds,
      },
      targets: asked,
      servers: servers.map((sizing) => serverObject(sizing, facts)),
    };
    return `${JSON.stringify(content, null, 2)}\n`;
  },
};

function serverObject(sizing: ServerSizing, facts: TraceFacts): Record<string, unknown> {
  const { server, curves, answers, best, same, verified, soundBytes } = sizing;
  return {
    server,
    ttl_scale: sizing.ttlScale,
    holds_all_bytes: sizing.unlimited?.peakBytes ?? null,
    filled_up_to_bytes: Number.isFinite(soundBytes) ? soundBytes : null,
    least: best?.curve.cell.policy ?? null,
    no_different: same.map((need) => need.curve.cell.policy),
    verified:
      verified === undefined
        ? null
        : {
            maxmemory: verified.maxmemory,
            meets_targets: verified.meetsTargets,
            whole_runs: verified.runs,
            ...pointObject(verified.point, facts),
          },
    ram: sizing.ram === undefined ? null : ramObject(sizing.ram),
    answers: answers.map((answer) => answerObject(answer, facts)),
    tuning: sizing.tunings.map(({ cell, tunings }) => ({
      policy: cell.policy,
      maxmemory_bytes: cell.maxmemoryBytes,
      settings: tunings.map((tuning) => tuningObject(tuning, facts)),
    })),
    points: curves.flatMap(({ points }) => points.map((point) => pointObject(point, facts))),
  };
}

function ramObject({ headroom, snapshot, platforms }: RamToProvide): Record<string, unknown> {
  return {
    total_bytes: headroom.totalBytes,
    parts: headroom.parts,
    snapshot:
      snapshot === undefined
        ? null
        : {
            typical_copied_bytes: Math.round(snapshot.typicalBytes),
            worst_copied_bytes: Math.round(snapshot.worstBytes),
            saves: snapshot.children,
            seconds: snapshot.lifeMs / 1000,
            coverage: snapshot.coverage,
          },
    platforms,
  };
}

function answerObject(answer: PolicyAnswer, facts: TraceFacts): Record<string, unknown> {
  const { policy } = answer.curve.cell;
  if (answer.kind === 'unreachable') {
    return { policy, reachable: false, ceiling: hitRatio(answer.ceiling, facts) };
  }
  const { bytes, interval, isBelow, less, more } = answer;
  return {
    policy,
    reachable: true,
    maxmemory_bytes: Math.round(bytes),
    interval95: interval?.map(Math.round) ?? null,
    is_upper_bound: isBelow,
    hit_ratio: answer.hitRatio ?? null,
    hit_ratio_10_percent_less: less ?? null,
    hit_ratio_10_percent_more: more ?? null,
  };
}

function tuningObject({ setting, trials, enough }: Tuning, facts: TraceFacts): object {
  return {
    setting,
    enough: enough.value,
    values: trials.map(({ value, point, difference, isCurrent }) => ({
      value,
      is_current: isCurrent,
      hit_ratio: hitRatio(point, facts),
      difference: difference.mean,
      difference_ci95: difference.halfWidth95 ?? null,
    })),
  };
}

function hitRatio(point: CurvePoint | undefined, facts: TraceFacts): number | null {
  return (point && estimate(point, HIT_RATIO, facts)?.mean) ?? null;
}

function pointObject(point: CurvePoint, facts: TraceFacts): Record<string, unknown> {
  return Object.fromEntries(
    CURVE_COLUMNS.map((column) => {
      const value = column.value(point, facts);
      if (value === undefined) return [column.name, null];
      return [
        column.name,
        column.format === 'text' ? value : Number(formatValue(value, column.format)),
      ];
    }),
  );
}
