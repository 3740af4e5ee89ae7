import { percent } from '../../report/words.ts';
import { formatBytes } from '../../units.ts';
import { STEP, type Need } from '../answer.ts';
import {
  estimate,
  EVICTIONS_PER_S,
  HIT_RATIO,
  MISSES_PER_S,
  REFUSALS_PER_S,
  type CurvePoint,
  type Measure,
} from '../point.ts';
import { redisConfFragment } from '../redis-conf-fragment.ts';
import type { PartName } from '../headroom.ts';
import type { RamToProvide } from '../ram.ts';
import type { ServerSizing, Sizing } from '../sizing.ts';
import type { TraceFacts } from '../facts.ts';
import { platformTexts, ramTexts } from './ram.ts';

/** What to do, in sentences, and what to paste. */
export function conclusion(sizing: Sizing, server: ServerSizing): string {
  const lines = [...filling(sizing, server)];
  if (server.answers.length === 0) return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
  if (server.best === undefined) lines.push(...whyNot(sizing, server));
  else lines.push(...whyYes(sizing, server));
  const fragment = redisConfFragment(sizing, server);
  const texts = [lines.join('\n'), ...ramToProvide(server)];
  return `${texts.join('\n\n')}\n${fragment === undefined ? '' : `\n${fragment}`}`;
}

function ramToProvide({ ram, verified }: ServerSizing): string[] {
  if (ram !== undefined) return [...ramTexts(ram), assumption(ram), ...platformTexts(ram)];
  if (verified?.meetsTargets) return [];
  return ['RAM to provide: left out, as no whole run has confirmed a maxmemory.'];
}

const OF_SAVES: readonly PartName[] = ['copy-on-write', 'child'];

function assumption({ headroom: { parts, totalBytes } }: RamToProvide): string {
  const rest = parts.filter(({ name }) => !OF_SAVES.includes(name));
  const unsaved = rest.reduce((sum, { bytes }) => sum + bytes, 0);
  return (
    `${formatBytes(totalBytes)} are for a server that saves and has neither an append-only file nor replicas; ` +
    `${formatBytes(unsaved)} for one that never saves.`
  );
}

function filling({ facts }: Sizing, { soundBytes, curves }: ServerSizing): string[] {
  const beyond = curves.some(({ points }) => points.some((point) => !point.isFilled));
  if (!beyond) return [];
  return [
    `The workload is short: its first ${facts.warmupRows.toLocaleString('en-US')} requests fill ${formatBytes(soundBytes)}. ` +
      'Larger sizes (~) start with room to spare: give more requests for those.',
  ];
}

function whyYes({ facts, targets }: Sizing, { best, same, verified }: ServerSizing): string[] {
  const { policy } = best!.curve.cell;
  const others = same.map((need) => need.curve.cell.policy);
  const least =
    targets.length === 0
      ? `Knee: beyond it memory buys less than it does on average. ${policy} has it at ${formatBytes(Math.round(best!.bytes))}`
      : `${policy} needs least`;
  const real =
    others.length === 0
      ? best!.perRun.length > 1
        ? ''
        : ' (one run: the difference may be chance)'
      : `; ${others.join(', ')} no different (paired t-test at 5 %)`;
  const lines = [`${least}${real}.`];
  const step = stepText(best!);
  if (step.length > 1) lines.push(step);
  if (verified !== undefined) {
    const { point, meetsTargets, runs, maxmemory } = verified;
    const measured = figures(point, facts);
    const how = runs === 1 ? 'one run' : `${runs} runs`;
    lines.push(
      meetsTargets
        ? `Verified by ${how} of the whole workload: maxmemory ${maxmemory} gives ${measured}.`
        : `Not confirmed: ${how} of the whole workload; maxmemory ${maxmemory} gives ${measured}.`,
    );
  }
  return lines;
}

function stepText({ hitRatio, less, more }: Need): string {
  if (hitRatio === undefined) return '';
  const points = (value: number): string => `${(100 * value).toFixed(2)} points`;
  const step = `${100 * STEP} %`;
  const buys =
    more === undefined ? [] : [`${step} more memory buys ${points(more - hitRatio)} of hit ratio`];
  const costs = less === undefined ? [] : [`${step} less costs ${points(hitRatio - less)}`];
  return [...buys, ...costs].join(', ') + '.';
}

function figures(point: CurvePoint, facts: TraceFacts): string {
  const value = (measure: Measure): number => estimate(point, measure, facts)?.mean ?? 0;
  const refused = value(REFUSALS_PER_S);
  return (
    `${percent(value(HIT_RATIO))} hits, ${value(MISSES_PER_S).toPrecision(3)} misses/s, ` +
    `${value(EVICTIONS_PER_S).toPrecision(3)} evictions/s${refused > 0 ? `, ${refused.toPrecision(3)} refused writes/s` : ''}`
  );
}

/** Why no policy reaches the target at any size. */
function whyNot({ facts, targets, workload }: Sizing, { answers }: ServerSizing): string[] {
  const ceiling = answers.at(0);
  if (ceiling?.kind !== 'unreachable') return ['No policy meets this without refusing writes.'];
  if (targets.length === 0)
    return ['No curve has a knee: memory buys the same everywhere, or nothing.'];
  const ratio = estimate(ceiling.ceiling, HIT_RATIO, facts)?.mean;
  if (ratio === undefined) return [`${workload} looks no key up: it has no hit ratio.`];
  const missed = (1 - ratio) * facts.lookups;
  const compulsory = Math.min(missed, facts.compulsoryMisses);
  const rest = missed - compulsory;
  const share = (misses: number): string => percent(misses / facts.lookups);
  const reasons = [
    `${share(compulsory)} of the lookups are the first request of their key`,
    ...(rest > 0.0005 * facts.lookups
      ? [`${share(rest)} find their key expired, deleted or never stored`]
      : []),
  ];
  return [
    `Unreachable: with all the memory there can be a use for (${formatBytes(ceiling.ceiling.cell.maxmemoryBytes)}) ` +
      `the hit ratio is ${percent(ratio)}: ${reasons.join(', ')}.`,
  ];
}
