import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { generate } from '../../src/workload/generate.ts';
import type { WorkloadSpec } from '../../src/workload/spec.ts';
import { hashTrace } from './hash-trace.ts';
import { groupedWorkload, workload } from './specs.ts';

/**
 * Traces that must not change unnoticed: a difference between platforms, or a change that gives every user other traces
 * from the same files (then say so in the CHANGELOG, and take the new hash from the failure). Golden means unchanged, not
 * right.
 */
const lognormal = { distribution: 'lognormal', mean: 300, sigma: 1 };
const GOLDEN: readonly [string, WorkloadSpec, string][] = [
  [
    'zipf with Facebook’s sizes and gaps',
    workload({
      keys: { count: 5000, bytes: { distribution: 'facebook-etc-keys' } },
      popularity: { distribution: 'zipf', exponent: 0.99 },
      operations: { get: 30, set: 1 },
      values: { distribution: 'facebook-etc-values' },
      arrival: { pattern: 'constant', rate: 1000, spacing: 'facebook-etc' },
    }),
    'a04eb1a899d70a673300acaaa40ce389182ce3deafb8dd0abacf4f1fbd7e3ce7',
  ],
  [
    'zipf with exponent 1, lognormal sizes and jittered TTLs in bursts',
    workload({
      popularity: { distribution: 'zipf', exponent: 1 },
      values: lognormal,
      ttl: { distribution: 'lognormal', mean: '1h', sigma: 1, fraction: 0.7, jitter: 0.2 },
      arrival: {
        pattern: 'bursts',
        rate: 900,
        quiet_rate: 10,
        burst: '1s',
        quiet: '9s',
        spacing: 'poisson',
      },
    }),
    'e84629c636000d2eb58d66cfb47436d25d15438f31bb2cafca4fee3247dba6d0',
  ],
  [
    'YCSB’s zipfian, read, changed and written, by day and night',
    workload({
      popularity: { distribution: 'ycsb-zipfian' },
      operations: { get: 1, 'read-modify-write': 1 },
      arrival: { pattern: 'diurnal', rate: 1, amplitude: 0.5 },
    }),
    '8706ebe9834dd04d422a9d77cd162ba4a1e2eb35a9f9f1f6c72b8056071bd029',
  ],
  [
    'YCSB’s latest with growth and scans',
    workload({
      popularity: { distribution: 'ycsb-latest' },
      operations: { get: 9, scan: 1 },
      phases: [{ kind: 'growth', share: 0.05 }],
    }),
    '173caad60a2dd06035d2cdc031528acfa6d13fce55c6bc5fdb6b4c93523ee466',
  ],
  [
    'all phases at once over a power law',
    workload({
      popularity: { distribution: 'power-law' },
      phases: [
        { kind: 'shift', steps: 7, by: 0.1 },
        { kind: 'scan', from: 0.2, until: 0.5, share: 0.3, keys: 400 },
        { kind: 'flash-crowd', from: 0.6, share: 0.2 },
        { kind: 'churn', turnover: 1.5 },
        { kind: 'growth', share: 0.02 },
      ],
    }),
    '7fded5f38aab2e92e5bf36b165fd4dc44cbd29a159fd4e282ad3ef170dcabb04',
  ],
  [
    'four groups by the other laws, with every operation',
    groupedWorkload({
      spot: { popularity: { distribution: 'hotspot' }, values: { ...lognormal, redraw: true } },
      decay: {
        weight: 2,
        popularity: { distribution: 'exponential' },
        operations: { get: 3, set: 1, del: 1, incr: 1, expire: 1, touch: 1, persist: 1 },
        ttl: { distribution: 'uniform', min: '1s', max: '60d', redraw: true },
      },
      bell: {
        popularity: { distribution: 'gaussian' },
        operations: { setnx: 1, setxx: 1, setkeep: 1 },
        values: { distribution: 'generalized-pareto', scale: 200, shape: 0.3 },
      },
      data: {
        popularity: {
          distribution: 'histogram',
          buckets: [
            { keys: 1, weight: 9 },
            { keys: 99, weight: 1 },
          ],
        },
        values: { distribution: 'histogram', buckets: [{ min: 10, max: '1kb', weight: 1 }] },
      },
    }),
    '2218597abc3cfe2b8e59f16068fe8ddac10f63cf1ef316f44dbe6c756ea5f3f3',
  ],
];

describe('golden traces', () => {
  for (const [what, spec, hash] of GOLDEN) {
    it(what, () => {
      assert.equal(hashTrace(generate(spec)), hash);
    });
  }
});
