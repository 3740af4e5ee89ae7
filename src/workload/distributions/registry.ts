import { oneOf } from '../fields.ts';
import { exponential } from './exponential.ts';
import { gaussian } from './gaussian.ts';
import { histogram } from './histogram.ts';
import { hotspot } from './hotspot.ts';
import type { PopularityDefinition, PopularitySpec } from './popularity.ts';
import { powerLaw } from './power-law.ts';
import { sequential } from './sequential.ts';
import { uniform } from './uniform.ts';
import { ycsbLatest } from './ycsb-latest.ts';
import { ycsbZipfian } from './ycsb-zipfian.ts';
import { zipf } from './zipf.ts';

/** Every popularity distribution; the schema, the lists and the tests iterate it. */
export const POPULARITIES: readonly PopularityDefinition[] = [
  uniform,
  zipf,
  ycsbZipfian,
  ycsbLatest,
  hotspot,
  exponential,
  gaussian,
  sequential,
  powerLaw,
  histogram,
];

/** The definition called `name`; the schema has checked that there is one. */
export function popularityNamed(name: string): PopularityDefinition {
  return POPULARITIES.find((definition) => definition.name === name)!;
}

/** The schema of `popularity` in a workload file. */
export const popularitySchema = oneOf<PopularitySpec>(
  'distribution',
  POPULARITIES.map((definition) => definition.schema),
  POPULARITIES.map((definition) => definition.name),
);
