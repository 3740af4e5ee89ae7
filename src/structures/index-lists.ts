/** What {@link IndexLists} answers when there is no such item. */
export const NO_ITEM = -1;

/**
 * Doubly linked lists of the items 0 … capacity − 1, each item in at most one list at a time. One pair of links serves
 * all lists: list `l` is a ring through its sentinel, slot `l`; item `i` is slot `lists + i`. A slot's two links lie
 * side by side, so that moving an item costs one cache line per neighbour (8 bytes per item).
 *
 * Membership is the caller's to know: taking out an item that is in no list breaks the lists.
 */
export class IndexLists {
  /** `links[2 · slot]`: the next slot towards the back; `links[2 · slot + 1]`: towards the front. */
  private readonly links: Int32Array;
  private readonly lists: number;

  constructor(capacity: number, lists = 1) {
    this.lists = lists;
    this.links = new Int32Array(2 * (capacity + lists));
    for (let list = 0; list < lists; list++) this.links.fill(list, 2 * list, 2 * list + 2);
  }

  isEmpty(list: number): boolean {
    return this.links[2 * list] === list;
  }

  /** The first item, or NO_ITEM. */
  front(list: number): number {
    return this.itemAt(this.links[2 * list]);
  }

  /** The last item, or NO_ITEM. */
  back(list: number): number {
    return this.itemAt(this.links[2 * list + 1]);
  }

  /** The neighbour of a listed item towards the front; NO_ITEM ahead of the first. */
  ahead(item: number): number {
    return this.itemAt(this.links[2 * (this.lists + item) + 1]);
  }

  private itemAt(slot: number): number {
    return slot < this.lists ? NO_ITEM : slot - this.lists;
  }

  /** Puts an unlisted item first. */
  pushFront(list: number, item: number): void {
    this.insertBehind(list, this.lists + item);
  }

  /** Puts an unlisted item last. */
  pushBack(list: number, item: number): void {
    this.insertBehind(this.links[2 * list + 1], this.lists + item);
  }

  /** Puts an unlisted item next to a listed one, on the side of the front. */
  insertAhead(item: number, listed: number): void {
    this.insertBehind(this.links[2 * (this.lists + listed) + 1], this.lists + item);
  }

  private insertBehind(slot: number, inserted: number): void {
    const { links } = this;
    const behind = links[2 * slot];
    links[2 * inserted] = behind;
    links[2 * inserted + 1] = slot;
    links[2 * behind + 1] = inserted;
    links[2 * slot] = inserted;
  }

  /** Takes a listed item out of its list. */
  remove(item: number): void {
    const { links } = this;
    const slot = this.lists + item;
    const behind = links[2 * slot];
    const before = links[2 * slot + 1];
    links[2 * before] = behind;
    links[2 * behind + 1] = before;
  }

  /** Moves a listed item, of whichever list, to the front of `list`. */
  moveToFront(list: number, item: number): void {
    if (this.links[2 * list] === this.lists + item) return;
    this.remove(item);
    this.pushFront(list, item);
  }

  /** All items from front to back: for checks, not for loops. */
  itemsOf(list: number): number[] {
    const items: number[] = [];
    for (let slot = this.links[2 * list]; slot !== list; slot = this.links[2 * slot]!) {
      items.push(slot - this.lists);
    }
    return items;
  }
}
