import { OPERATIONS } from '../../src/trace/operations.ts';
import type { Trace } from '../../src/trace/trace.ts';

/**
 * The first row after `row` that looks `id` up before something overwrites or deletes it, found by reading on; undefined
 * if there is none.
 */
export function naiveNextUse(trace: Trace, id: number, row: number): number | undefined {
  for (let next = row + 1; next < trace.rows; next++) {
    if (trace.keys[next] !== id) continue;
    switch (OPERATIONS[trace.ops[next]]) {
      case 'get':
      case 'touch':
        return next;
      case 'persist':
      case 'setxx':
        continue;
      case 'expire':
        if (trace.ttls[next] !== 0) continue;
        return undefined;
      default:
        return undefined;
    }
  }
  return undefined;
}
