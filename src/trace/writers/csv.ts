import { writeAtomically } from '../../atomic-file.ts';
import { OPERATIONS } from '../operations.ts';
import { keyName, type Trace } from '../trace.ts';
import { NO_TTL, decodeTtl } from '../ttl.ts';

const ROWS_PER_CHUNK = 4096;

/**
 * Writes a trace as generic CSV (compressed when the name ends in `.gz`), whole or not at all. Reading it back gives
 * the same columns.
 */
export async function writeCsvTrace(trace: Trace, file: string): Promise<void> {
  await writeAtomically(file, csvChunks(trace));
}

/** The text of the file, some thousand rows at a time. */
function* csvChunks(trace: Trace): Generator<string> {
  const { rows, tickMs, times, ops, keys, valueBytes, ttls } = trace;
  // A key is quoted once, not once a row.
  const names = Array.from({ length: trace.keyCount }, (_, id) => quoted(keyName(trace, id)));
  yield 'time_ms,op,key,value_bytes,ttl_s\n';
  for (let from = 0; from < rows; from += ROWS_PER_CHUNK) {
    let text = '';
    const to = Math.min(rows, from + ROWS_PER_CHUNK);
    for (let i = from; i < to; i++) {
      const ttl = ttls[i] === NO_TTL ? '' : decodeTtl(ttls[i]) / 1000;
      text += `${times[i] * tickMs},${OPERATIONS[ops[i]]},${names[keys[i]]},${valueBytes[i]},${ttl}\n`;
    }
    yield text;
  }
}

function quoted(name: string): string {
  return /[",\r\n]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name;
}
