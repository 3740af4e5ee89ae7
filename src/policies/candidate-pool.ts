const PLACES = 16;
/** Room for the pool to move through as candidates are added and taken at both ends, before it is moved back. */
const ROOM = 16 * PLACES;

/** What {@link CandidatePool.takeBest} answers when no candidate is left. */
export const POOL_EMPTY = 0;

/**
 * The server's eviction pool: up to 16 sampled keys kept between evictions, in the order of their scores. A key may sit
 * in it several times, on the score it had when sampled, and may be gone by the time it is taken, or have come back.
 * Among equal scores the one that came first is taken first. Source: evict.c of every version; docs/model.md.
 *
 * The server remembers names. Here a resident key goes by its slot, which is found without a look at the key's record,
 * and one that has left by its id. The best candidate comes first: most newcomers are worse than what is there, and
 * cost one look at the last one.
 */
export class CandidatePool {
  /** A resident key's slot; of one that has left, the complement of its id. */
  private readonly keys = new Int32Array(ROOM);
  private readonly scores = new Float64Array(ROOM);
  /** The pool is at `[first, end)`. */
  private first = 0;
  private end = 0;

  /** What a score must be above to get in: the worst of sixteen, -Infinity when there are fewer. */
  get threshold(): number {
    const { first, end } = this;
    return end - first === PLACES ? this.scores[end - 1] : -Infinity;
  }

  /** Takes the resident key of `slot` in, whose score is above the threshold. */
  add(slot: number, score: number): void {
    const { keys, scores } = this;
    if (this.end - this.first === PLACES) this.end--;
    if (this.first === 0 || this.end === ROOM) this.centre();
    const { first, end } = this;
    const middle = (first + end) >> 1;
    let place: number;
    // The shorter part makes room: those before its place, or those behind it.
    if (first < end && scores[middle] < score) {
      this.first--;
      for (place = first; scores[place] >= score; place++) {
        keys[place - 1] = keys[place];
        scores[place - 1] = scores[place];
      }
      place--;
    } else {
      this.end++;
      for (place = end; place > first && scores[place - 1] < score; place--) {
        keys[place] = keys[place - 1];
        scores[place] = scores[place - 1];
      }
    }
    keys[place] = slot | 0;
    scores[place] = score;
  }

  private centre(): void {
    const { first, end } = this;
    this.first = (ROOM - PLACES) / 2;
    this.end = this.first + end - first;
    this.keys.copyWithin(this.first, first, end);
    this.scores.copyWithin(this.first, first, end);
  }

  /** The key of `slot`, `id`, is about to leave; the slot may be another's afterwards. */
  onRemove(slot: number, id: number): void {
    const { keys, end } = this;
    for (let place = this.first; place < end; place++) if (keys[place] === slot) keys[place] = ~id;
  }

  /** The candidate that is taken after `taken` others, if none is offered meanwhile; POOL_EMPTY if there are not as many. */
  keyAfter(taken: number): number {
    const place = this.first + taken;
    return place < this.end ? this.keys[place] : POOL_EMPTY;
  }

  /** Takes the best candidate out: its slot, or the complement of its id if it has left since; whoever left may be back. */
  takeBest(): number {
    if (this.first === this.end) return POOL_EMPTY;
    return this.keys[this.first++];
  }
}
