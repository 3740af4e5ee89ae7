const PLACES = 16;

/** What {@link CandidatePool.takeBest} answers when no candidate is left. */
export const POOL_EMPTY = -1;

/**
 * The server's eviction pool: up to 16 sampled keys kept between evictions, sorted by score, best victim (highest
 * score) last. A key may sit in it several times, on the score it had when sampled, and may be gone by the time it is
 * taken. Among equal scores the one that came first is taken first. Source: evict.c of every version; docs/model.md.
 */
export class CandidatePool {
  private readonly ids = new Int32Array(PLACES);
  private readonly scores = new Float64Array(PLACES);
  private length = 0;

  offer(id: number, score: number): void {
    const { ids, scores } = this;
    let place = 0;
    while (place < this.length && scores[place] < score) place++;
    if (this.length < PLACES) {
      for (let i = this.length; i > place; i--) {
        ids[i] = ids[i - 1]!;
        scores[i] = scores[i - 1]!;
      }
      this.length++;
    } else {
      if (place === 0) return;
      place--;
      for (let i = 0; i < place; i++) {
        ids[i] = ids[i + 1]!;
        scores[i] = scores[i + 1]!;
      }
    }
    ids[place] = id;
    scores[place] = score;
  }

  /** Takes the best candidate out; whether that key still exists is the caller's question. */
  takeBest(): number {
    if (this.length === 0) return POOL_EMPTY;
    this.length--;
    return this.ids[this.length];
  }
}
