import fc from 'fast-check';
import { parseWorkload } from '../../src/workload/parse.ts';
import type { WorkloadSpec } from '../../src/workload/spec.ts';

const DEFAULTS: Readonly<Record<string, unknown>> = {
  description: 'A workload of a test.',
  requests: 10_000,
  keys: { count: 1000 },
  popularity: { distribution: 'uniform' },
  values: { distribution: 'fixed', value: 100 },
};

/** A checked workload with one group: what a small test file with these settings would give. */
export function workload(settings: Readonly<Record<string, unknown>> = {}): WorkloadSpec {
  return parseWorkload(JSON.stringify({ ...DEFAULTS, ...settings }), 'test', 'test.json');
}

/** A checked workload of several groups, given by what each changes of the defaults. */
export function groupedWorkload(
  groups: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  requests = 10_000,
): WorkloadSpec {
  const { description, keys, popularity, values } = DEFAULTS;
  const complete = Object.fromEntries(
    Object.entries(groups).map(([name, settings]) => [
      name,
      { weight: 1, keys, popularity, values, ...settings },
    ]),
  );
  const content = { description, requests, groups: complete };
  return parseWorkload(JSON.stringify(content), 'test', 'test.json');
}

const popularities = fc.constantFrom(
  { distribution: 'uniform' },
  { distribution: 'zipf', exponent: 0.9 },
  { distribution: 'zipf', exponent: 1.3, scatter: false },
  { distribution: 'ycsb-zipfian' },
  { distribution: 'ycsb-latest' },
  { distribution: 'hotspot' },
  { distribution: 'exponential' },
  { distribution: 'gaussian' },
  { distribution: 'sequential' },
  { distribution: 'power-law' },
);
const phases = fc.subarray([
  { kind: 'shift', from: 0.2, steps: 3, by: 0.3 },
  { kind: 'scan', share: 0.3, keys: 50 },
  { kind: 'scan', share: 0.1, until: 0.7 },
  { kind: 'flash-crowd', from: 0.5, share: 0.4, keys: 3 },
  { kind: 'churn', turnover: 2.5 },
  { kind: 'growth', share: 0.2 },
  { kind: 'growth', from: 0.9, share: 0.5 },
]);
/** Small workloads of every kind. */
export const anySpec = fc
  .record({
    seed: fc.nat(),
    requests: fc.integer({ min: 1, max: 600 }),
    keys: fc.record({ count: fc.integer({ min: 1, max: 300 }) }),
    popularity: popularities,
    phases,
    operations: fc.constantFrom(
      { get: 1 },
      { get: 5, set: 2, del: 1, incr: 1, expire: 1, touch: 1, persist: 1 },
      { scan: 1, 'read-modify-write': 1, setnx: 1, setxx: 1, setkeep: 1 },
    ),
    values: fc.constantFrom(
      { distribution: 'fixed', value: 100 },
      { distribution: 'facebook-etc-values' },
      { distribution: 'lognormal', mean: 200, sigma: 1, redraw: true },
    ),
    ttl: fc.constantFrom(
      { distribution: 'fixed', value: '60s' },
      { distribution: 'uniform', min: '1s', max: '90d', fraction: 0.5, jitter: 0.2 },
    ),
    arrival: fc.constantFrom(
      { pattern: 'constant', rate: 100 },
      {
        pattern: 'bursts',
        rate: 1000,
        quiet_rate: 1,
        burst: '1s',
        quiet: '3s',
        spacing: 'poisson',
      },
      { pattern: 'diurnal', rate: 0.001, amplitude: 1, spacing: 'facebook-etc' },
    ),
  })
  .map(workload);
