import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { FrequencyLists } from '../../src/structures/frequency-lists.ts';
import { NO_ITEM } from '../../src/structures/index-lists.ts';

const ITEMS = 6;

const command = fc.record({
  verb: fc.constantFrom('touch', 'touch', 'touch', 'remove', 'removeLeast'),
  item: fc.nat(ITEMS - 1),
});

describe('frequency lists', () => {
  it('order items by count, then by the time of the last touch, as a sorted array would', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 120, size: 'max' }), (commands) => {
        const lists = new FrequencyLists(ITEMS);
        const naive = new Map<number, { count: number; at: number }>();
        for (const [at, { verb, item }] of commands.entries()) {
          const known = naive.get(item);
          if (verb === 'touch') {
            if (known) lists.increment(item);
            else lists.add(item);
            naive.set(item, { count: (known?.count ?? 0) + 1, at });
          } else {
            const target = verb === 'remove' ? item : lists.least();
            if (!naive.has(target)) continue;
            lists.remove(target);
            naive.delete(target);
          }
          const order = [...naive].sort(([, a], [, b]) => a.count - b.count || a.at - b.at);
          assert.equal(lists.least(), order[0]?.[0] ?? NO_ITEM);
          assert.deepEqual(
            lists.items().toSorted((a, b) => a - b),
            [...naive.keys()].toSorted((a, b) => a - b),
          );
          for (const [id, { count }] of naive) assert.equal(lists.countOf(id), count);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('forget the count of an item that was removed', () => {
    const lists = new FrequencyLists(1);
    lists.add(0);
    lists.increment(0);
    lists.remove(0);
    lists.add(0);
    assert.equal(lists.countOf(0), 1);
  });
});
