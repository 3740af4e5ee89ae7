import { NO_ITEM } from './index-lists.ts';

/**
 * A max-heap of the items 0 … capacity − 1, by priorities that are unsigned 32-bit integers and may change.
 * Push, update and remove cost O(log size), the rest O(1); 12 bytes per item. Among equal priorities the order is
 * arbitrary, but the same for the same calls.
 */
export class IndexHeap {
  /** Items and their priorities in heap order from index 1 on: the children of `at` are `2 · at` and `2 · at + 1`. */
  private readonly items: Int32Array;
  private readonly priorities: Uint32Array;
  /** Per item its index in the heap, 0 = not in it. */
  private readonly places: Int32Array;
  private length = 0;

  constructor(capacity: number) {
    this.items = new Int32Array(capacity + 1);
    this.priorities = new Uint32Array(capacity + 1);
    this.places = new Int32Array(capacity);
  }

  get size(): number {
    return this.length;
  }

  has(item: number): boolean {
    return this.places[item] !== 0;
  }

  /** An item of the highest priority, or NO_ITEM. */
  peek(): number {
    return this.length === 0 ? NO_ITEM : this.items[1];
  }

  /** The priority of an item in the heap. */
  priorityOf(item: number): number {
    return this.priorities[this.places[item]];
  }

  /** Adds an item that is not in the heap. */
  push(item: number, priority: number): void {
    this.length++;
    this.siftUp(this.length, item, priority);
  }

  /** Gives an item in the heap another priority. */
  update(item: number, priority: number): void {
    const at = this.places[item];
    if (priority > this.priorities[at]) this.siftUp(at, item, priority);
    else this.siftDown(at, item, priority);
  }

  /** Takes an item out of the heap. */
  remove(item: number): void {
    const at = this.places[item];
    const last = this.items[this.length];
    const lastPriority = this.priorities[this.length];
    const priority = this.priorities[at];
    this.places[item] = 0;
    this.length--;
    if (last === item) return;
    if (lastPriority > priority) this.siftUp(at, last, lastPriority);
    else this.siftDown(at, last, lastPriority);
  }

  /** Places `item` at `at` or as far above as its priority carries it. */
  private siftUp(at: number, item: number, priority: number): void {
    const { items, priorities, places } = this;
    while (at > 1) {
      const parent = at >> 1;
      const parentPriority = priorities[parent];
      if (priority <= parentPriority) break;
      const moved = items[parent];
      items[at] = moved;
      priorities[at] = parentPriority;
      places[moved] = at;
      at = parent;
    }
    items[at] = item;
    priorities[at] = priority;
    places[item] = at;
  }

  /** Places `item` at `at` or as far below as its priority lets it sink. */
  private siftDown(at: number, item: number, priority: number): void {
    const { items, priorities, places, length } = this;
    for (;;) {
      let child = 2 * at;
      if (child > length) break;
      if (child < length && priorities[child + 1] > priorities[child]) child++;
      const childPriority = priorities[child];
      if (priority >= childPriority) break;
      const moved = items[child];
      items[at] = moved;
      priorities[at] = childPriority;
      places[moved] = at;
      at = child;
    }
    items[at] = item;
    priorities[at] = priority;
    places[item] = at;
  }
}
