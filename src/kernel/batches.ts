import { allocate, at } from './memory';
import { firstRow, keyOf, timeMsOf } from './rows';

/**
 * Which requests of a trace are under way together: those of one client that keeps up to `pipeline` of them under way. They
 * arrive within one period of the server's timer, and none of their keys twice, so that what happens to a key happens in
 * the order of the trace.
 */

const KEY_GROUPS = 1024;

let periodMs: f64 = 0;
let pipeline = 0;
/** Per group of keys, by the last bits of their ids, one more than the row that was last looked at. */
let lastSeen: usize = 0;

export function setBatches(newPeriodMs: f64, newPipeline: i32): void {
  periodMs = newPeriodMs;
  pipeline = newPipeline;
  lastSeen = allocate(KEY_GROUPS * 4);
}

/** Where the batch that starts with row `first` ends (excluded); never beyond `end`. Rows are asked for in order. */
export function endOfBatch(first: i32, end: i32): i32 {
  let last = min(end, first + pipeline);
  if (last === first + 1) return last;
  const untilMs = (Math.floor(timeMsOf(first) / periodMs) + 1) * periodMs;
  // Times never go back: mostly one look is enough.
  while (timeMsOf(last - 1) >= untilMs) last--;
  for (let row = first; row < last; row++) {
    const group = at(lastSeen, keyOf(row) & (KEY_GROUPS - 1));
    // Few keys of a batch share a group, so the batch is searched for few.
    if (load<i32>(group) > firstRow + first && isAmong(first, row)) return row;
    store<i32>(group, firstRow + row + 1);
  }
  return last;
}

/** Whether the key of `row` is that of an earlier row, from `first` on. */
function isAmong(first: i32, row: i32): bool {
  const key = keyOf(row);
  let earlier = first;
  while (keyOf(earlier) !== key) earlier++;
  return earlier < row;
}
