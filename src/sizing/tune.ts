import { spread, type Spread } from '../metrics/spread.ts';
import type { Cell } from '../replay/cell.ts';
import { serverNamed } from '../servers/registry.ts';
import { HIT_RATIO, type CurvePoint } from './point.ts';
import type { Simulator } from './simulator.ts';

/** A setting and the values it is tried at. */
interface Knob {
  /** As in redis.conf. */
  readonly name: string;
  readonly values: readonly number[];
  readonly of: (cell: Cell) => number;
  readonly set: (cell: Cell, value: number) => Cell;
  /** Whether the policy looks at it. */
  readonly matters: (policy: string) => boolean;
}

const samples = (policy: string): boolean => /-(lru|lfu|lrm|ttl)$/.test(policy);
const lfu = (policy: string): boolean => policy.endsWith('-lfu');

const KNOBS: readonly Knob[] = [
  {
    name: 'maxmemory-samples',
    values: [1, 2, 3, 5, 10, 20, 64],
    of: (cell) => cell.maxmemorySamples,
    set: (cell, value) => ({ ...cell, maxmemorySamples: value }),
    matters: samples,
  },
  {
    name: 'lfu-log-factor',
    values: [0, 1, 10, 100],
    of: (cell) => cell.lfuLogFactor,
    set: (cell, value) => ({ ...cell, lfuLogFactor: value }),
    matters: lfu,
  },
  {
    name: 'lfu-decay-time',
    values: [0, 1, 10, 60],
    of: (cell) => cell.lfuDecayTime,
    set: (cell, value) => ({ ...cell, lfuDecayTime: value }),
    matters: lfu,
  },
  {
    name: 'maxmemory-eviction-tenacity',
    values: [0, 10, 50, 100],
    of: (cell) => cell.evictionTenacity,
    set: (cell, value) => ({ ...cell, evictionTenacity: value }),
    matters: (policy) => policy !== 'noeviction',
  },
];

/** A difference in hit ratio smaller than this is not worth a line in redis.conf. */
export const WORTH_IT = 0.001;

/** One value of a setting. */
export interface Trial {
  readonly value: number;
  readonly point: CurvePoint;
  /** Hit ratio less that of the current value, over pairs of samples. */
  readonly difference: Spread;
  readonly isCurrent: boolean;
}

/** What a setting does at one point. */
export interface Tuning {
  readonly setting: string;
  readonly trials: readonly Trial[];
  /** The cheapest value that is as good as the best: no more than {@link WORTH_IT} below it, or than chance. */
  readonly enough: Trial;
}

/** Tries every setting that matters to the cell's policy, one at a time; empty when interrupted. */
export async function tune(simulator: Simulator, cell: Cell): Promise<Tuning[]> {
  const { maxSamples } = serverNamed(cell.server);
  const knobs = KNOBS.filter(({ matters }) => matters(cell.policy)).map((knob) => {
    const values = knob.values.filter((v) => knob.name !== 'maxmemory-samples' || v <= maxSamples);
    return { ...knob, values: [...new Set([...values, knob.of(cell)])].sort((a, b) => a - b) };
  });
  const cells = knobs.flatMap((knob) => knob.values.map((value) => knob.set(cell, value)));
  const points = await simulator.run([cell, ...cells]);
  const [current, ...rest] = points.filter((point) => point !== undefined);
  if (rest.length < cells.length) return [];
  let next = 0;
  return knobs.map((knob) => {
    const trials = knob.values.map((value): Trial => {
      const point = rest[next++];
      const difference = differenceOf(point, current, simulator);
      return { value, point, difference, isCurrent: value === knob.of(cell) };
    });
    return { setting: knob.name, trials, enough: cheapestGood(trials) };
  });
}

function differenceOf(point: CurvePoint, current: CurvePoint, { facts }: Simulator): Spread {
  const pairs = Math.min(point.runs.length, current.runs.length);
  return spread(
    Array.from({ length: pairs }, (_, i) => {
      const [own, other] = [point, current].map(({ runs }) => HIT_RATIO.of(runs[i], facts) ?? 0);
      return own - other;
    }),
  );
}

/** The current value when it will do, else the first that does. */
function cheapestGood(trials: readonly Trial[]): Trial {
  const best = trials.reduce((a, b) => (b.difference.mean > a.difference.mean ? b : a));
  const isGood = (trial: Trial): boolean =>
    best.difference.mean - trial.difference.mean <=
    Math.max(WORTH_IT, best.isCurrent ? 0 : (best.difference.halfWidth95 ?? 0));
  const current = trials.find((trial) => trial.isCurrent)!;
  return isGood(current) ? current : trials.find(isGood)!;
}
