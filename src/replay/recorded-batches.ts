/** Batches as they were once sent: `ends` holds the rows they ended at (excluded), in order. */
export class RecordedBatches {
  private readonly ends: Uint32Array;
  private next = 0;

  constructor(ends: Uint32Array) {
    this.ends = ends;
  }

  /** Where the batch that starts with row `first` ends (excluded); never beyond `limit`. Rows are asked for in order. */
  endOf(first: number, limit: number): number {
    while (this.ends[this.next] <= first) this.next++;
    return Math.min(limit, this.ends[this.next]);
  }
}
