import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { IndexHeap } from '../../src/structures/index-heap.ts';
import { NO_ITEM } from '../../src/structures/index-lists.ts';

const ITEMS = 40;

const command = fc.record({
  verb: fc.constantFrom('set', 'set', 'remove', 'pop'),
  item: fc.nat(ITEMS - 1),
  priority: fc.oneof(fc.nat(5), fc.constant(0xffff_ffff), fc.nat()),
});

function assertBestOf(heap: IndexHeap, naive: ReadonlyMap<number, number>): void {
  const best = heap.peek();
  if (naive.size === 0) assert.equal(best, NO_ITEM);
  else assert.equal(naive.get(best), Math.max(...naive.values()));
}

describe('the index heap', () => {
  it('always offers an item of the highest priority, as a map searched from end to end would', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 200, size: 'max' }), (commands) => {
        const heap = new IndexHeap(ITEMS);
        const naive = new Map<number, number>();
        for (const { verb, item, priority } of commands) {
          const target = verb === 'pop' ? heap.peek() : item;
          if (verb === 'set') {
            if (naive.has(item)) heap.update(item, priority);
            else heap.push(item, priority);
            naive.set(item, priority);
          } else if (naive.has(target)) {
            heap.remove(target);
            naive.delete(target);
          }
          assert.equal(heap.size, naive.size);
          for (let i = 0; i < ITEMS; i++) {
            assert.equal(heap.has(i), naive.has(i));
            if (heap.has(i)) assert.equal(heap.priorityOf(i), naive.get(i));
          }
          assertBestOf(heap, naive);
        }
        // A fault deep in the heap comes to light when it is emptied.
        for (let best = heap.peek(); best !== NO_ITEM; best = heap.peek()) {
          heap.remove(best);
          naive.delete(best);
          assertBestOf(heap, naive);
        }
      }),
    );
  });

  it('hands items out in falling order of priority', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 100, size: 'max' }), (priorities) => {
        const heap = new IndexHeap(priorities.length);
        priorities.forEach((priority, item) => {
          heap.push(item, priority);
        });
        const popped = priorities.map(() => {
          const best = heap.peek();
          heap.remove(best);
          return priorities[best];
        });
        assert.deepEqual(
          popped,
          priorities.toSorted((a, b) => b - a),
        );
      }),
    );
  });
});
