import { tmpdir } from 'node:os';
import { ALL_COLUMNS, Spool, type SpooledTrace } from '../../src/trace/spool.ts';
import { allocateRows, type Trace } from '../../src/trace/trace.ts';
import { windowsOf, type AnyTrace } from '../../src/trace/window.ts';

/** Does something with a new spool of chunks of so many rows. */
export async function withSpool<T>(
  chunkRows: number,
  use: (spool: Spool) => T | Promise<T>,
): Promise<T> {
  const spool = new Spool(tmpdir(), chunkRows);
  try {
    return await use(spool);
  } finally {
    spool.close();
  }
}

/** A trace in memory, written into a spool as it is. */
export function spooled(trace: Trace, spool: Spool): SpooledTrace {
  const { name, rows, keyCount, tickMs, keyBytes } = trace;
  const { chunkRows } = spool.file;
  for (let first = 0; first < rows; first += chunkRows) {
    const chunk = allocateRows(chunkRows);
    const count = Math.min(chunkRows, rows - first);
    for (const column of ALL_COLUMNS) {
      chunk[column].set(trace[column].subarray(first, first + count));
    }
    spool.write(first / chunkRows, chunk, count);
  }
  return { name, rows, keyCount, tickMs, keyBytes, spool: spool.file };
}

/** All there is in a trace but the names of its keys, as plain values. */
export function contents(trace: AnyTrace): object {
  const { name, rows, keyCount, tickMs, keyBytes } = trace;
  const columns: Record<string, number[]> = {};
  for (const column of ALL_COLUMNS) columns[column] = [];
  for (const window of windowsOf(trace)) {
    for (const column of ALL_COLUMNS) {
      columns[column].push(...window.columns[column].subarray(0, window.rows));
    }
  }
  return { name, rows, keyCount, tickMs, keyBytes: [...keyBytes], ...columns };
}
