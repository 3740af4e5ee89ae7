import { divideByTen, keyBytesOf, RowBuilder, type TraceKeys } from './builder.ts';
import { readChunk, type Spool, type SpooledTrace } from './spool.ts';
import { allocateRows } from './trace.ts';
import { windowsOf } from './window.ts';

/** Collects rows into a spool: one chunk of them is in memory. Names of keys are not kept. */
export class SpooledTraceBuilder extends RowBuilder<SpooledTrace> {
  private readonly spool: Spool;
  private readonly keptRows: number;
  private chunks = 0;

  /** Of all rows, the trace has the first `keptRows`. */
  constructor(name: string, spool: Spool, keptRows = Infinity) {
    super(name, spool.file.chunkRows);
    this.spool = spool;
    this.keptRows = keptRows;
  }

  finish(keys: TraceKeys): SpooledTrace {
    this.makeRoom();
    const { name, tickMs, keptRows } = this;
    const rows = Math.min(this.rows, keptRows);
    const keyBytes = keyBytesOf(keys);
    const trace = { name, rows, keyCount: keys.count, tickMs, keyBytes, spool: this.spool.file };
    if (rows === this.rows) return trace;
    // Ids are given in order of first appearance, so the keys of a prefix are a prefix of the keys.
    let keyCount = 0;
    for (const { columns, rows } of windowsOf(trace, ['keys'])) {
      for (let row = 0; row < rows; row++) keyCount = Math.max(keyCount, columns.keys[row] + 1);
    }
    return { ...trace, keyCount, keyBytes: keyBytes.subarray(0, keyCount) };
  }

  /** Chunks behind the rows that are kept are read over, as for a trace in memory: their errors are errors. */
  protected makeRoom(): void {
    const { spool, used } = this;
    const isKept = this.chunks * spool.file.chunkRows < this.keptRows;
    if (isKept) spool.write(this.chunks++, this.columns, used);
    this.used = 0;
  }

  protected override lengthenTick(): void {
    super.lengthenTick();
    const { file } = this.spool;
    const rows = allocateRows(file.chunkRows);
    for (let chunk = 0; chunk < this.chunks; chunk++) {
      readChunk(file, chunk, rows, 0, file.chunkRows, ['times']);
      divideByTen(rows.times, file.chunkRows);
      this.spool.write(chunk, rows, file.chunkRows, ['times']);
    }
  }
}
