/** The rows [start, end) of a trace in which something goes on. */
export interface RowWindow {
  readonly start: number;
  readonly end: number;
}

/** The window of a trace of `rows` rows that its fractions `from` and `until` mean. */
export function rowWindow(from: number, until: number, rows: number): RowWindow {
  return { start: Math.round(from * rows), end: Math.round(until * rows) };
}

/** `total` events spread evenly over a window, the first at its first row. */
export class Pace {
  private readonly start: number;
  private readonly end: number;
  private readonly total: number;

  constructor({ start, end }: RowWindow, total: number) {
    this.start = start;
    this.end = end;
    this.total = total;
  }

  /** How many events have happened when row `row` is due. */
  at(row: number): number {
    const { start, end, total } = this;
    if (row < start || total === 0) return 0;
    if (row >= end) return total;
    return Math.min(total, 1 + Math.floor(((row - start) * total) / (end - start)));
  }
}
