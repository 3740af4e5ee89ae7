import { cellColumns, column, type Column } from '../../metrics/columns.ts';
import type { TraceFacts } from '../facts.ts';
import {
  BYTE_HIT_RATIO,
  estimate,
  EVICTIONS_PER_S,
  EXPIRATIONS_PER_S,
  HIT_RATIO,
  MISSES_PER_S,
  REFUSALS_PER_S,
  type CurvePoint,
  type Measure,
} from '../point.ts';

/** A figure of a point of a curve. */
export type CurveColumn = Column<[point: CurvePoint, facts: TraceFacts]>;

/** A figure and half of its 95 % interval, two columns. */
function measured(measure: Measure, unit: string, description: string): CurveColumn[] {
  const { name } = measure;
  const format = 'ratio';
  return [
    { name, format, unit, description, value: (p, facts) => estimate(p, measure, facts)?.mean },
    {
      name: `${name}_ci95`,
      format,
      unit,
      description: `half the width of the 95 % interval of ${name}; empty for a single run`,
      value: (p, facts) => estimate(p, measure, facts)?.halfWidth,
    },
  ];
}

/** The columns of `size`, in the order scripts rely on; new ones go to the end. */
export const CURVE_COLUMNS: readonly CurveColumn[] = [
  ...cellColumns<[point: CurvePoint, facts: TraceFacts]>(),
  column(
    'method',
    'text',
    'name',
    'sampled: miniatures on samples of the keys; whole: the whole workload',
    (p) => (p.weight === 1 ? 'whole' : 'sampled'),
  ),
  column('runs', 'count', 'runs', 'samples, or seeds, behind the figures', (p) => p.runs.length),
  column(
    'filled',
    'text',
    'yes or no',
    'no: the cache was still filling up when counting began',
    (p) => (p.isFilled ? 'yes' : 'no'),
  ),
  ...measured(HIT_RATIO, '0 … 1', 'hits / (hits + misses)'),
  ...measured(BYTE_HIT_RATIO, '0 … 1', 'value bytes of hits / of all lookups'),
  ...measured(MISSES_PER_S, '1/s', 'misses per second of trace time'),
  ...measured(EVICTIONS_PER_S, '1/s', 'keys evicted per second of trace time'),
  ...measured(EXPIRATIONS_PER_S, '1/s', 'keys whose TTL ran out per second of trace time'),
  ...measured(REFUSALS_PER_S, '1/s', 'commands refused with -OOM per second of trace time'),
  column(
    'keys_per_sampled_key',
    'count',
    'keys',
    'keys of the workload for one of a sample; 1 = the whole workload',
    (p) => p.weight,
  ),
];
