const PLACES = 16;

/** What {@link CandidatePool.takeBest} answers when no candidate is left. */
export const POOL_EMPTY = 0;

/**
 * The server's eviction pool: up to 16 sampled keys kept between evictions, sorted by score, best victim (highest
 * score) last. A key may sit in it several times, on the score it had when sampled, and may be gone by the time it is
 * taken, or have come back. Among equal scores the one that came first is taken first. Source: evict.c of every
 * version; docs/model.md.
 *
 * The server remembers names. Here a resident key goes by its slot, which is found without a look at the key's record,
 * and one that has left by its id.
 */
export class CandidatePool {
  /** A resident key's slot; of one that has left, the complement of its id. */
  private readonly keys = new Int32Array(PLACES);
  private readonly scores = new Float64Array(PLACES);
  private length = 0;

  /** Offers the resident key of `slot`. */
  offer(slot: number, score: number): void {
    const { keys, scores } = this;
    let place = 0;
    while (place < this.length && scores[place] < score) place++;
    if (this.length < PLACES) {
      for (let i = this.length; i > place; i--) {
        keys[i] = keys[i - 1]!;
        scores[i] = scores[i - 1]!;
      }
      this.length++;
    } else {
      if (place === 0) return;
      place--;
      for (let i = 0; i < place; i++) {
        keys[i] = keys[i + 1]!;
        scores[i] = scores[i + 1]!;
      }
    }
    keys[place] = slot;
    scores[place] = score;
  }

  /** The key of `slot`, `id`, is about to leave; the slot may be another's afterwards. */
  onRemove(slot: number, id: number): void {
    const { keys, length } = this;
    for (let i = 0; i < length; i++) if (keys[i] === slot) keys[i] = ~id;
  }

  /** The candidate that is taken after `taken` others, if none is offered meanwhile; POOL_EMPTY if there are not as many. */
  keyAfter(taken: number): number {
    return taken < this.length ? this.keys[this.length - 1 - taken] : POOL_EMPTY;
  }

  /** Takes the best candidate out: its slot, or the complement of its id if it has left since; whoever left may be back. */
  takeBest(): number {
    if (this.length === 0) return POOL_EMPTY;
    this.length--;
    return this.keys[this.length];
  }
}
