const HASH_FACTOR = 2654435761; // 2^32 / golden ratio (Knuth, TAOCP 3, 6.4)

/**
 * Numbers ids in order of first appearance, so that a trace has no more keys than it asks for, and the per-key columns of
 * all that follows stay as small, however large the key space is. A table over the ids if there are few enough of them for
 * `uses` calls, else a hash table with linear probing, at most half full.
 */
export class Numbering {
  /** How many ids have been numbered. */
  count = 0;
  private readonly isDense: boolean;
  private readonly mask: number;
  /** Number + 1 by id or by place in the hash table; 0 where there is none. */
  private readonly numbers: Uint32Array;
  private readonly ids: Uint32Array;

  /** For ids below `idCount` (≤ 2^32) and at most `uses` calls of {@link of}. */
  constructor(idCount: number, uses: number) {
    const places = 2 ** Math.ceil(Math.log2(2 * Math.max(1, uses)));
    this.isDense = idCount <= 2 * places;
    this.mask = places - 1;
    this.numbers = new Uint32Array(this.isDense ? idCount : places);
    this.ids = new Uint32Array(this.isDense ? 0 : places);
  }

  /** The number of `id`: the next one, when it is new. */
  of(id: number): number {
    const place = this.isDense ? id : this.placeOf(id);
    const number = this.numbers[place];
    if (number > 0) return number - 1;
    this.numbers[place] = ++this.count;
    return this.count - 1;
  }

  private placeOf(id: number): number {
    const { mask, ids, numbers } = this;
    let place = (Math.imul(id, HASH_FACTOR) >>> 7) & mask;
    while (numbers[place] > 0 && ids[place] !== id) place = (place + 1) & mask;
    ids[place] = id;
    return place;
  }
}
