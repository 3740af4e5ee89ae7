import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { FrequencySketch } from '../../src/structures/frequency-sketch.ts';

const SATURATED = 15;
const ITEMS = 30;

const command = fc.oneof(
  { weight: 20, arbitrary: fc.nat(ITEMS - 1) },
  { weight: 1, arbitrary: fc.constantFrom('halve' as const, 'double' as const) },
);

describe('the frequency sketch', () => {
  it('never estimates below the saturated and halved true count', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 300, size: 'max' }), (commands) => {
        const sketch = new FrequencySketch(8);
        const counts = new Array<number>(ITEMS).fill(0);
        for (const step of commands) {
          if (step === 'double') {
            if (sketch.width < 1024) sketch.double();
          } else if (step === 'halve') {
            sketch.halve();
            counts.forEach((count, item) => (counts[item] = Math.floor(count / 2)));
          } else {
            sketch.increment(step);
            counts[step] = Math.min(SATURATED, counts[step] + 1);
          }
        }
        counts.forEach((count, item) => {
          assert.ok(sketch.estimate(item) >= count);
          assert.ok(sketch.estimate(item) <= SATURATED);
        });
      }),
    );
  });

  it('is exact while few items share a wide table', () => {
    const sketch = new FrequencySketch(4096);
    for (let item = 0; item < 10; item++) {
      for (let i = 0; i < item; i++) sketch.increment(item);
    }
    for (let item = 0; item < 10; item++) assert.equal(sketch.estimate(item), item);
    assert.equal(sketch.additions, 45);
  });

  it('counts to 15 and stays there, without disturbing its neighbours', () => {
    const sketch = new FrequencySketch(8);
    for (let i = 0; i < 1000; i++) sketch.increment(3);
    assert.equal(sketch.estimate(3), SATURATED);
    const others = Array.from({ length: 1000 }, (_, i) => i).filter(
      (i) => sketch.estimate(i) === 0,
    );
    assert.ok(others.length > 0, 'saturation spills over into other counters');
  });

  it('keeps every estimate when it doubles', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(500), { maxLength: 500, size: 'max' }), (items) => {
        const sketch = new FrequencySketch(32);
        for (const item of items) sketch.increment(item);
        const before = Array.from({ length: 500 }, (_, item) => sketch.estimate(item));
        sketch.double();
        assert.equal(sketch.width, 64);
        const after = Array.from({ length: 500 }, (_, item) => sketch.estimate(item));
        assert.deepEqual(after, before);
      }),
    );
  });

  it('overestimates few items at the load it is used at: four counters per item', () => {
    const items = 10_000;
    const sketch = new FrequencySketch(4 * items);
    for (let item = 0; item < items; item++) sketch.increment(item);
    let over = 0;
    for (let item = 0; item < items; item++) if (sketch.estimate(item) > 1) over++;
    // A counter is shared with probability 1 − e^(−10,000 / 65,536) = 0.14, all four with 0.0004: 4 items, σ = 2.
    assert.ok(over <= 14, `${over} of ${items} are overestimated`);
  });
});
