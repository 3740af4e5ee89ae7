import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { GOLDEN_BUILDS } from './builds.ts';
import { type Comparison, compareBuild } from './hit-ratio.ts';

// Runs of one cell on one server differ by chance, and so do ours. A cell fails when it is off by more than the
// tolerance although two standard errors are granted to that chance; the average has no such allowance.
const SEEDS = 6;
const HIT_RATIO_POINTS = 0.15;
const MEAN_HIT_RATIO_POINTS = 0.04;
const EVICTED = 0.015;
const EXPIRED = 0.03;
const FEW_EXPIRED = 30;
const KEYS = 0.005;
const OOM = 0.005;

// All builds take minutes: CI compares them all, a quick run those that differ most in mechanism.
const QUICK = ['redis-5.0', 'redis-7.0', 'redis-8.6', 'valkey-9.1'];
const builds = GOLDEN_BUILDS.filter(
  ({ profile }) => process.env.CI !== undefined || QUICK.includes(profile),
);

for (const build of builds) {
  describe(`${build.server} ${build.version} ${build.allocator} against the running server`, () => {
    let comparisons: Comparison[] = [];
    before(async () => {
      comparisons = await compareBuild(build, SEEDS);
    });

    const within = (
      what: keyof Comparison['server'],
      tolerance: (server: number) => number,
    ): void => {
      for (const { cell, server, model, standardErrors } of comparisons) {
        const off = Math.abs(model[what] - server[what]);
        const { trace, policy, samples, lfuLogFactor, lfuDecayTime } = cell;
        const allowed = tolerance(server[what]) + 2 * standardErrors[what];
        assert.ok(
          off <= allowed,
          `${what} of ${policy} (samples ${samples}, lfu ${lfuLogFactor}/${lfuDecayTime}) on ${trace}: ` +
            `server ${server[what]}, model ${model[what]}, allowed ±${allowed}`,
        );
      }
    };

    it('hit ratio: every cell within 0.15 points', () => {
      within('hitRatio', () => HIT_RATIO_POINTS);
    });

    it('hit ratio: 0.04 points off on average', () => {
      const off = comparisons.map((c) => Math.abs(c.model.hitRatio - c.server.hitRatio));
      const mean = off.reduce((sum, value) => sum + value, 0) / off.length;
      assert.ok(mean <= MEAN_HIT_RATIO_POINTS, `mean ${mean}`);
    });

    it('evicted_keys: every cell within 1.5 %', () => {
      within('evictedKeys', (server) => EVICTED * server);
    });

    it('expired_keys: every cell within 3 % or 30 keys', () => {
      within('expiredKeys', (server) => Math.max(FEW_EXPIRED, EXPIRED * server));
    });

    it('keys at the end: every cell within 0.5 %', () => {
      within('keys', (server) => KEYS * server);
    });

    it('refused writes: every cell within 0.5 %', () => {
      within('oomErrors', (server) => OOM * server);
    });
  });
}
