import { KeyStream } from '../../src/workload/key-stream.ts';
import type { WorkloadSpec } from '../../src/workload/spec.ts';

/** What the key stream of a workload with one group gives, before keys are numbered by first appearance. */
export interface Requests {
  readonly rows: number;
  readonly keyCount: number;
  readonly keys: Uint32Array;
  /** The operation the stream insists on, or ANY_OPERATION. */
  readonly ops: Int8Array;
}

/** Draws the keys of every row: slots first, then the keys of churn, then the scans' own. */
export function requestsOf({ groups, requests: rows, seed }: WorkloadSpec): Requests {
  const stream = new KeyStream(groups[0], 1, rows, seed, 0);
  const keys = new Uint32Array(rows);
  const ops = new Int8Array(rows);
  for (let row = 0; row < rows; row++) {
    keys[row] = stream.next(row);
    ops[row] = stream.operation;
  }
  return { rows, keyCount: stream.idCount, keys, ops };
}
