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
    '41ba9c25696ae7c27e28b43efd0b54361703e08c64243fec88b21712bb577324',
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
    '13549b2183bb1685910dc8b8013928ed955d178e9cc06c2757e9843561904432',
  ],
  [
    'YCSB’s zipfian, read, changed and written, by day and night',
    workload({
      popularity: { distribution: 'ycsb-zipfian' },
      operations: { get: 1, 'read-modify-write': 1 },
      arrival: { pattern: 'diurnal', rate: 1, amplitude: 0.5 },
    }),
    '87ea30d004cbce4031b311cee805118bd7f7251c8edabb0ea0061233651f2189',
  ],
  [
    'YCSB’s latest with growth and scans',
    workload({
      popularity: { distribution: 'ycsb-latest' },
      operations: { get: 9, scan: 1 },
      phases: [{ kind: 'growth', share: 0.05 }],
    }),
    '0f9eec4e98979067b8a503b148c8194f76bf5b0888b90e8a108d55b3a77fa161',
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
    '15d5ee08dd6e5622c9bf4cf5d9b40c08e648a8505059bbd46ce7681010a438be',
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
    'eef85b0fa246fdbdc3fff5ad8cea082dcd3fe6b398b75d4fd0d6201984c8fabd',
  ],
];

describe('golden traces', () => {
  for (const [what, spec, hash] of GOLDEN) {
    it(what, () => {
      assert.equal(hashTrace(generate(spec)), hash);
    });
  }
});
