import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { IndexLists, NO_ITEM } from '../../src/structures/index-lists.ts';

const ITEMS = 6;
const LISTS = 3;

/** The same verbs on arrays, front first. */
class NaiveLists {
  readonly lists: number[][] = Array.from({ length: LISTS }, () => []);

  listOf(item: number): number[] | undefined {
    return this.lists.find((list) => list.includes(item));
  }

  remove(item: number): void {
    const list = this.listOf(item)!;
    list.splice(list.indexOf(item), 1);
  }
}

const command = fc.record({
  verb: fc.constantFrom('pushFront', 'pushBack', 'insertAhead', 'remove', 'moveToFront'),
  list: fc.nat(LISTS - 1),
  item: fc.nat(ITEMS - 1),
  other: fc.nat(ITEMS - 1),
});

describe('index lists', () => {
  it('do what arrays do under any sequence of commands', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 60, size: 'max' }), (commands) => {
        const lists = new IndexLists(ITEMS, LISTS);
        const naive = new NaiveLists();
        for (const { verb, list, item, other } of commands) {
          const isListed = naive.listOf(item) !== undefined;
          if (verb === 'remove' || verb === 'moveToFront') {
            if (!isListed) continue;
            naive.remove(item);
            if (verb === 'remove') {
              lists.remove(item);
            } else {
              naive.lists[list].unshift(item);
              lists.moveToFront(list, item);
            }
          } else if (isListed) {
            continue;
          } else if (verb === 'pushFront') {
            naive.lists[list].unshift(item);
            lists.pushFront(list, item);
          } else if (verb === 'pushBack') {
            naive.lists[list].push(item);
            lists.pushBack(list, item);
          } else {
            const home = naive.listOf(other);
            if (home === undefined) continue;
            home.splice(home.indexOf(other), 0, item);
            lists.insertAhead(item, other);
          }
          for (const [at, expected] of naive.lists.entries()) {
            assert.deepEqual(lists.itemsOf(at), expected);
            assert.equal(lists.isEmpty(at), expected.length === 0);
            assert.equal(lists.front(at), expected[0] ?? NO_ITEM);
            assert.equal(lists.back(at), expected.at(-1) ?? NO_ITEM);
            for (const [place, listed] of expected.entries()) {
              assert.equal(lists.ahead(listed), expected[place - 1] ?? NO_ITEM);
            }
          }
        }
      }),
    );
  });

  it('start empty', () => {
    const lists = new IndexLists(3, 2);
    assert.deepEqual([lists.front(0), lists.back(1)], [NO_ITEM, NO_ITEM]);
  });
});
