import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { kernelFor } from '../reference/kernel-for.ts';

/** What the pool of the kernel answers when no candidate is left. */
const POOL_EMPTY = 0;

/** The pool of a kernel of its own. */
class CandidatePool {
  private readonly calls = kernelFor(1).kernel.calls;

  offer(slot: number, score: number): void {
    this.calls.offer(slot, score);
  }

  onRemove(slot: number, id: number): void {
    this.calls.forget(slot, id);
  }

  takeBest(): number {
    return this.calls.takeBest();
  }
}

interface Candidate {
  /** A slot, from 1 on. */
  readonly key: number;
  readonly score: number;
}

/** The pool as a list, best victim last, by the four cases of its description. */
class NaivePool {
  list: Candidate[] = [];

  offer(candidate: Candidate): void {
    const place = this.list.filter((other) => other.score < candidate.score).length;
    const isFull = this.list.length === 16;
    if (isFull && place === 0) return;
    this.list.splice(place, 0, candidate);
    if (isFull) this.list.shift();
  }

  remove(slot: number, id: number): void {
    this.list = this.list.map((held) => (held.key === slot ? { ...held, key: ~id } : held));
  }

  takeBest(): number {
    return this.list.pop()?.key ?? POOL_EMPTY;
  }
}

const drain = (pool: CandidatePool): number[] => {
  const taken: number[] = [];
  for (let key = pool.takeBest(); key !== POOL_EMPTY; key = pool.takeBest()) taken.push(key);
  return taken;
};

/** Slot 1 has the first score, slot 2 the second. */
const offerAll = (scores: readonly number[]): CandidatePool => {
  const pool = new CandidatePool();
  scores.forEach((score, i) => {
    pool.offer(i + 1, score);
  });
  return pool;
};

describe('candidate pool', () => {
  it('is a sorted list of sixteen', () => {
    const slots = fc.integer({ min: 1, max: 40 });
    const offers = fc.record({ key: slots, score: fc.oneof(fc.nat(5), fc.nat(300)) });
    const removals = fc.record({ slot: slots, id: fc.nat(1000) });
    const commands = fc.array(
      fc.oneof(offers, offers, offers, removals, fc.constant('take' as const)),
      {
        maxLength: 120,
        size: 'max',
      },
    );
    fc.assert(
      fc.property(commands, (list) => {
        const pool = new CandidatePool();
        const naive = new NaivePool();
        for (const command of list) {
          if (command === 'take') assert.equal(pool.takeBest(), naive.takeBest());
          else if ('slot' in command) {
            pool.onRemove(command.slot, command.id);
            naive.remove(command.slot, command.id);
          } else {
            pool.offer(command.key, command.score);
            naive.offer(command);
          }
        }
        assert.deepEqual(drain(pool), naive.list.map((candidate) => candidate.key).reverse());
      }),
      { numRuns: 500 },
    );
  });

  it('gives the highest score first', () => {
    assert.deepEqual(drain(offerAll([3, 9, 1, 7])), [2, 4, 1, 3]);
  });

  it('gives the first of equal scores first', () => {
    assert.deepEqual(drain(offerAll([5, 5, 5])), [1, 2, 3]);
  });

  it('keeps the sixteen best', () => {
    const scores = Array.from({ length: 40 }, (_, i) => (i * 7) % 40);
    const best = scores
      .map((score, i) => ({ score, slot: i + 1 }))
      .sort((a, b) => b.score - a.score)
      .slice(0, 16);
    assert.deepEqual(
      drain(offerAll(scores)),
      best.map(({ slot }) => slot),
    );
  });

  it('drops a newcomer that only equals the worst when it is full', () => {
    const pool = offerAll(Array.from({ length: 16 }, () => 1));
    pool.offer(99, 1);
    assert.ok(!drain(pool).includes(99));
  });

  it('admits any newcomer once a victim has been taken, even one that was just used', () => {
    const pool = offerAll(Array.from({ length: 16 }, () => 50));
    pool.takeBest();
    pool.offer(99, 0);
    assert.equal(drain(pool).at(-1), 99);
  });

  it('takes the same key twice, at the scores it had', () => {
    const pool = new CandidatePool();
    pool.offer(1, 10);
    pool.offer(2, 20);
    pool.offer(1, 30);
    assert.deepEqual(drain(pool), [1, 2, 1]);
  });

  it('keeps a key that leaves by its id, since its slot may be given to another', () => {
    const pool = offerAll([10, 20]);
    pool.onRemove(2, 77);
    assert.deepEqual(drain(pool), [~77, 1]);
  });
});
