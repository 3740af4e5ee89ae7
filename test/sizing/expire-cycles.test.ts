import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Random } from '../../src/random.ts';
import { ExpireCycles } from '../../src/sizing/expire-cycles.ts';
import { CELL } from './points.ts';

const TICK_MS = 100;

/** Keys that die and are written anew, in one server; how many lay dead on average, and what became of them. */
class Population {
  readonly cycles: ExpireCycles;
  readonly expiries: Float64Array;
  expired = 0;
  killed = 0;

  constructor(keys: number, longestMs: number, startMs = 0) {
    this.expiries = new Float64Array(keys).fill(Infinity);
    const isDead = (key: number, nowMs: number): boolean => nowMs > this.expiries[key];
    this.cycles = new ExpireCycles(
      {
        volatileKeys: () => this.expiries.length,
        deadIn: (key, lanes, nowMs) => (isDead(key, nowMs) ? lanes & 1 : 0),
        nextDeathMs: (key, nowMs) =>
          this.expiries[key] >= nowMs && this.expiries[key] < Infinity
            ? this.expiries[key]
            : Infinity,
        expire: (key) => {
          if (!(this.now > this.expiries[key])) this.killed++;
          this.expired++;
          this.expiries[key] = Infinity;
        },
      },
      { ...CELL, server: 'redis-8.6' },
      { lanes: 1, keyCount: keys, longestMs, startMs, salt: 1 },
    );
  }

  now = 0;

  write(key: number, untilMs: number): void {
    this.expiries[key] = untilMs;
    this.cycles.fallsDue(key, untilMs);
  }

  get dead(): number {
    return this.expiries.reduce((sum, at) => sum + (this.now > at ? 1 : 0), 0);
  }
}

/** Mean dead of a table of which so many keys a tick are given lives of up to a minute. */
function meanDead(keys: number, weight: number, writesPerTick: number): number {
  const population = new Population(keys, 60_000, 1e12);
  const random = new Random(3, 'population');
  let sum = 0;
  let count = 0;
  let owed = 0;
  for (let tick = 1; tick <= 6000; tick++) {
    const now = 1e12 + tick * TICK_MS;
    population.now = now;
    for (owed += writesPerTick / weight; owed >= 1; owed--) {
      const key = Math.floor(random.float() * keys);
      population.write(key, now + Math.floor(random.float() * 60_000));
    }
    population.cycles.advanceTo(now);
    if (weight === 1) population.cycles.tick(0, now);
    else population.cycles.flow(0, 1, weight, now);
    if (tick <= 2000) continue;
    sum += population.dead;
    count++;
  }
  assert.equal(population.killed, 0);
  assert.ok(population.expired > 0);
  return (weight * sum) / count;
}

describe('ExpireCycles', () => {
  it('find everybody dead within a round, and nobody else', () => {
    const population = new Population(1000, 10_000);
    for (let key = 0; key < 1000; key++) population.write(key, key % 2 === 0 ? 5000 : 1e9);
    // Half of them live on, told so before they die.
    for (let key = 0; key < 1000; key += 4) population.write(key, 9000);
    population.now = 6000;
    population.cycles.advanceTo(6000);
    // 1000 keys, 20 a tick at least.
    for (let tick = 0; tick < 50; tick++) population.cycles.tick(0, 6000);
    assert.equal(population.expired, 250);
    population.now = 11_000;
    population.cycles.advanceTo(11_000);
    for (let tick = 0; tick < 51; tick++) population.cycles.tick(0, 11_000);
    assert.equal(population.expired, 500);
    assert.equal(population.killed, 0);
  });

  // Where few die a tick looks at 20 keys, where many do the cycle goes on and on.
  for (const writesPerTick of [4, 40]) {
    it(`flow through a part of a table as often as ticks through all of it, with ${writesPerTick} writes a tick`, () => {
      const whole = meanDead(16_384, 1, writesPerTick);
      const part = meanDead(256, 64, writesPerTick);
      assert.ok(Math.abs(part / whole - 1) < 0.15, `${part} for ${whole}`);
    });
  }
});
