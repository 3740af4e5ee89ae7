import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compare, type Speed, type TaskComparison } from '../../src/bench/compare.ts';
import { detectableEverywhere, outcomeOf, type Comparison } from '../../src/bench/verdict.ts';
import { Random } from '../../src/random.ts';
import type { TaskResult } from '../../src/bench/task.ts';
import { someResult } from './samples.ts';

const TASKS = ['a', 'b', 'c', 'd'];
const TRIALS = 15;

function compared(
  before: readonly TaskResult[],
  after: readonly TaskResult[],
  options: { minEffect?: number; interleaved?: boolean } = {},
): TaskComparison[] {
  return compare(before, after, { minEffect: 0.1, interleaved: false, seed: 1, ...options });
}

/** How often each verdict was given, over trials of four tasks, all `factor` times as slow as before. */
function verdicts(factor: number, machine = 1, noisy = 1): Record<Speed | 'runs failed', number> {
  const counts = { same: 0, slower: 0, faster: 0, unclear: 0, 'runs failed': 0 };
  for (let trial = 0; trial < TRIALS; trial++) {
    const random = new Random(trial, 'compare');
    const noise = { process: 0.04 * noisy, sample: 0.06 * noisy, disturbed: 0.03 };
    const results = (scale: number, slow: number): TaskResult[] =>
      TASKS.map((id, i) => someResult(id, 100 * (i + 1) * scale, random, { machine: slow, noise }));
    const tasks = compared(results(1, 1), results(factor, machine));
    for (const { speed } of tasks) counts[speed!.speed]++;
    if (tasks.some(({ speed }) => speed!.speed === 'slower')) counts['runs failed']++;
  }
  return counts;
}

const share = (count: number): number => count / (TRIALS * TASKS.length);

describe('the verdict about speed', () => {
  it('is no regression for an unchanged build, in every trial', () => {
    const counts = verdicts(1);
    assert.equal(counts['runs failed'], 0, JSON.stringify(counts));
    assert.ok(share(counts.same) > 0.95, JSON.stringify(counts));
  });

  it('is a regression for one slowed by 30 %, in every trial', () => {
    const counts = verdicts(1.3);
    assert.equal(counts['runs failed'], TRIALS, JSON.stringify(counts));
    assert.ok(share(counts.slower) > 0.8, JSON.stringify(counts));
  });

  it('is no regression for one slowed by less than the minimal effect', () => {
    assert.ok(share(verdicts(1.05).slower) < 0.01);
  });

  it('sees a build that became faster', () => {
    assert.ok(share(verdicts(1 / 1.4).faster) > 0.8);
  });

  it('is not fooled by a machine that became slower or faster', () => {
    for (const machine of [1.3, 1 / 1.3]) {
      assert.equal(verdicts(1, machine)['runs failed'], 0);
      assert.ok(verdicts(1.5, machine)['runs failed'] > 0.95 * TRIALS);
    }
  });

  it('is not fooled by a machine of two speeds, of which builds get unequal shares', () => {
    const failed = (factor: number, slowShares: readonly [number, number]): number => {
      let runs = 0;
      for (let trial = 0; trial < TRIALS; trial++) {
        const random = new Random(trial, 'two speeds');
        const exponent = 0.7 + 0.5 * random.float();
        const [old, now] = slowShares.map((slowShare, build) => {
          const result = someResult('a', build === 0 ? 100 : 100 * factor, random);
          const rounds = result.rounds.map(({ ns, calibrationNs }) => {
            const machine = random.float() < slowShare ? 1.5 : 1;
            return {
              ns: ns.map((value) => value * machine ** exponent),
              calibrationNs: calibrationNs.map((value) => value * machine),
            };
          });
          return { ...result, rounds };
        });
        if (compared([old], [now])[0].speed!.speed === 'slower') runs++;
      }
      return runs;
    };
    assert.equal(failed(1, [0.2, 0.8]), 0);
    assert.equal(failed(1, [0.8, 0.2]), 0);
    assert.ok(failed(1.5, [0.2, 0.8]) > 0.8 * TRIALS);
    assert.ok(failed(1.5, [0.8, 0.2]) > 0.8 * TRIALS);
  });

  it('is that nothing can be said, when noise would hide large slowdowns', () => {
    const counts = verdicts(1, 1, 6);
    assert.ok(share(counts.unclear) > 0.5, JSON.stringify(counts));
    assert.ok(share(counts.slower) < 0.02, JSON.stringify(counts));
  });

  it('is that nothing can be said of too few samples', () => {
    const random = new Random(1, 'few');
    const few = (): TaskResult => ({
      ...someResult('a', 1, random),
      rounds: [{ ns: [1, 1.001], calibrationNs: [1, 1] }],
    });
    const [{ speed }] = compared([few()], [few()]);
    assert.equal(speed?.speed, 'unclear');
    assert.equal(speed.detectable, Infinity);
  });

  it('doubts a build whose own halves differ', () => {
    const random = new Random(2, 'drift');
    const steady = someResult('a', 100, random);
    const rounds = steady.rounds.map((round, i) => ({
      ...round,
      ns: round.ns.map((ns) => ns * (1 + 0.1 * i)),
    }));
    const [{ speed }] = compared([steady], [{ ...steady, rounds }]);
    assert.equal(speed?.speed, 'unclear');
  });

  it('cancels what slowed both builds down when they ran in turns', () => {
    const random = new Random(3, 'turns');
    const loads = [1, 1.8, 1.1, 2.2, 1.4, 1.2, 1.9, 1.1, 1.6, 1.3];
    const side = (scale: number): TaskResult => {
      const result = someResult('a', 100 * scale, random, {
        noise: { process: 0.01, sample: 0.03, disturbed: 0 },
      });
      const rounds = result.rounds.map(({ ns, calibrationNs }, i) => ({
        ns: ns.map((value) => value * loads[i]),
        calibrationNs,
      }));
      return { ...result, rounds };
    };
    const [old, now] = [side(1), side(1)];
    const width = (interleaved: boolean): number => {
      const [{ speed }] = compared([old], [now], { interleaved });
      return speed!.interval.high / speed!.interval.low;
    };
    assert.ok(width(true) < width(false), `${width(true)} ${width(false)}`);
  });

  it('gives the same numbers for the same samples', () => {
    const random = new Random(4, 'same');
    const [old, now] = [someResult('a', 100, random), someResult('a', 110, random)];
    assert.deepEqual(compared([old], [now]), compared([old], [now]));
  });
});

describe('the outcome of a comparison', () => {
  const comparison = (tasks: TaskComparison[], speedDoubts: string[] = []): Comparison => ({
    with: 'file',
    environment: { cpu: '', cores: 1, platform: '', node: '', evictlab: '', commit: '' },
    speedDoubts,
    minEffect: 0.1,
    tasks,
  });
  const random = new Random(5, 'outcome');
  const [old, same, slow] = [1, 1, 2].map((scale) => someResult('a', 100 * scale, random));
  const other = { ...same, metrics: { hits: 2, misses: 1 } };
  const noisy = { ...same, rounds: same.rounds.slice(0, 1) };

  it('fails on a regression, not on another machine', () => {
    assert.equal(outcomeOf(comparison(compared([old], [same]))), 'fine');
    assert.equal(outcomeOf(comparison(compared([old], [slow]))), 'failed');
    assert.equal(outcomeOf(comparison(compared([old], [slow]), ['Node'])), 'fine');
  });

  it('fails on any change of behaviour, on every machine', () => {
    const tasks = compared([old], [other]);
    assert.deepEqual(tasks[0].changes, [
      { metric: 'hits', before: 1, after: 2 },
      { metric: 'misses', before: undefined, after: 1 },
    ]);
    assert.equal(outcomeOf(comparison(tasks)), 'failed');
    assert.equal(outcomeOf(comparison(tasks, ['CPU'])), 'failed');
  });

  it('is unclear when a task is, and nothing failed', () => {
    const unclear = compared([old], [{ ...noisy, rounds: [{ ns: [1], calibrationNs: [30] }] }]);
    assert.equal(outcomeOf(comparison(unclear)), 'unclear');
    assert.equal(outcomeOf(comparison(compared([old, old], [slow, noisy]))), 'failed');
  });

  it('says what every task would have shown', () => {
    const effect = detectableEverywhere(comparison(compared([old], [same])))!;
    assert.ok(effect > 0.1 && effect < 0.3, String(effect));
    const untimed = compared([old], [{ ...same, rounds: [] }]);
    assert.equal(detectableEverywhere(comparison(untimed)), undefined);
    assert.equal(outcomeOf(comparison(untimed)), 'fine');
  });
});
