import { INTEGER, NO_SLOT, VOLATILE } from '../keyspace/key-flags';
import { GET } from '../trace/operation-codes';
import { limit, notePeak, used } from './account';
import { bytesOfGet, longestGet, nameLength } from './command-memory';
import { get } from './commands';
import { isRehashing } from './database';
import { expires, main, peekCandidates } from './keyspace';
import { allocate, at } from './memory';
import { parseWindow, takeAllParsed, waitingBytes } from './parsed';
import { hasVictims, onHits } from './policy';
import { directory, expiresAtMs, meta, values } from './records';
import { addReplies, bulkReplyBytes, spareForReplies } from './replies';
import { firstRow, keyOf, operationOf, valueBytesOf } from './rows';
import { count as countMore, HITS, MISSES, nowMs } from './state';
import { peek } from './tables';

/** `$`, two line ends and a digit at least are a byte more than the reply to a miss. */
const MORE_THAN_A_MISS = 1;

/** The slots of the keys of a run, row by row, NO_SLOT for those that miss; those that hit; rows of the batch that missed. */
let slots: usize = 0;
let hitSlots: usize = 0;
let missedRows: usize = 0;
export let missed = 0;

/** Value bytes of the rows that hit, and of all, since the start: the host reads them. */
export const lookupSums = memory.data(16);
/** Of no use, but that the compiler can't leave out what it is made of. */
export let foreseen = 0;

/** Room for batches of `pipeline` rows; returns where the slots that hit are. */
export function allocateReads(pipeline: i32): usize {
  slots = allocate((<usize>pipeline) << 2);
  hitSlots = allocate((<usize>pipeline) << 2);
  missedRows = allocate((<usize>pipeline) << 2);
  missed = 0;
  return hitSlots;
}

export function beginBatch(): void {
  missed = 0;
}


@inline
export function missedRow(index: i32): i32 {
  return load<i32>(at(missedRows, index));
}


@inline
function addToSums(hitBytes: i64, lookupBytes: i64): void {
  store<f64>(lookupSums, load<f64>(lookupSums) + <f64>hitBytes);
  store<f64>(lookupSums, load<f64>(lookupSums, 8) + <f64>lookupBytes, 8);
}

/** The GET of a row, of whatever kind. */
export function runGet(row: i32): void {
  const size = <i64>valueBytesOf(row);
  const hit = get(keyOf(row));
  addToSums(hit ? size : 0, size);
  if (!hit) store<i32>(at(missedRows, missed++), row);
}

/**
 * Replays rows from `first` on, up to `last` (excluded; commands behind it are not parsed yet) or the first that is no plain GET; returns the row after them.
 * Nearly all GETs find memory below its limit, no table on the move, and a string that has not expired or nothing; such
 * a plain GET changes nothing but its key's stamp and some sums. It does what {@link get} does, one by one.
 *
 * A loop that has nothing to do but to wait for the memory of all rows at once comes first.
 */
export function plainGets(first: i32, last: i32): i32 {
  if (isRehashing()) return first;
  // Those that wait have their arguments in memory until their turn comes, the others from then on.
  const waits = parseWindow > 0;
  const spare = (hasVictims() ? limit() : Infinity) - used();
  if (waits ? spare < 0 : spare < longestGet && spare < bytesOfGet(keyOf(first))) return first;
  let count = find(first, last);
  let argumentBytes: f64 = 0;
  if (waits && first + count === last) {
    argumentBytes = waitingBytes;
  } else if (waits) {
    for (let i = 0; i < count; i++) argumentBytes += bytesOfGet(keyOf(first + i));
  } else if (spare < longestGet) {
    // For how many of them no key has to go.
    let i = 1;
    while (i < count && bytesOfGet(keyOf(first + i)) <= spare) i++;
    count = min(count, i);
  }
  if (count === 0) return first;
  const replyBytes = <f64>sumOfReplies(count);
  if (replyBytes > spareForReplies()) return first;
  notePeak(waits ? used() - bytesOfGet(keyOf(first)) : used());
  if (waits) takeAllParsed(count, argumentBytes);
  addReplies(replyBytes);
  const hits = partition(first, count);
  countMore(HITS, hits);
  countMore(MISSES, count - hits);
  onHits(hitSlots, hits, slots, firstRow + first, count);
  return first + count;
}

/** Looks up the keys of plain GETs; how many there are. */
function find(first: i32, last: i32): i32 {
  const most = last - first;
  let flags = 0;
  let sum = 0;
  let i = 0;
  for (; i < most && operationOf(first + i) === GET; i++) {
    const slot = load<i32>(at(directory, keyOf(first + i)));
    store<i32>(at(slots, i), slot);
    flags |= load<i32>(at(meta, slot));
    sum += load<i32>(at(values, slot));
  }
  foreseen = sum;
  return flags & (VOLATILE | INTEGER) ? plain(i) : i;
}

/** How many of the slots, from the first on, hold strings that have not expired, or nothing. */
function plain(most: i32): i32 {
  const now = nowMs();
  for (let i = 0; i < most; i++) {
    const slot = load<i32>(at(slots, i));
    const flags = load<i32>(at(meta, slot));
    if (flags & INTEGER) return i;
    if ((flags & VOLATILE) !== 0 && now > load<f64>(expiresAtMs + ((<usize>slot) << 3))) return i;
  }
  return most;
}

function sumOfReplies(count: i32): i64 {
  let sum: i64 = 0;
  for (let i = 0; i < count; i++) {
    const slot = load<i32>(at(slots, i));
    // Whether it hits is nobody's guess, so there is no question.
    sum += bulkReplyBytes(load<i32>(at(values, slot)));
    if (slot === NO_SLOT) sum -= MORE_THAN_A_MISS;
  }
  return sum;
}

/** Tells hits from misses; how many hits there are. Which it is is nobody's guess: written in either case, then counted. */
function partition(first: i32, count: i32): i32 {
  let misses = missed;
  let hits = 0;
  let hitBytes: i64 = 0;
  let lookupBytes: i64 = 0;
  for (let i = 0; i < count; i++) {
    const slot = load<i32>(at(slots, i));
    const isHit = <i32>(slot !== NO_SLOT);
    const size = <i64>valueBytesOf(first + i);
    store<i32>(at(missedRows, misses), first + i);
    misses += 1 - isHit;
    store<i32>(at(hitSlots, hits), slot);
    hits += isHit;
    hitBytes += size & -(<i64>isHit);
    lookupBytes += size;
  }
  missed = misses;
  addToSums(hitBytes, lookupBytes);
  return hits;
}

// Reading what a batch is about to need, and doing nothing with it: a replay waits for memory more than for anything
// else; here it waits for the whole batch at once (docs/performance.md).

/** The records of the keys of rows that are about to be replayed. */
export function foreseeRequests(first: i32, last: i32): void {
  const readsExpiry = expires.size > 0;
  let sum = 0;
  for (let row = first; row < last; row++) {
    const slot = load<i32>(at(directory, keyOf(row)));
    sum += load<i32>(at(meta, slot)) + load<i32>(at(values, slot));
    // A column that, without TTLs, would be read for nothing.
    if (readsExpiry) sum += load<i32>(expiresAtMs + ((<usize>slot) << 3));
  }
  foreseen = sum;
}

/** What writes of the keys of the missed rows need, and what goes for them. */
export function foreseeFills(): void {
  let sum = 0;
  for (let i = 0; i < missed; i++) {
    const id = keyOf(missedRow(i));
    sum += peek(main, id) + nameLength(id);
  }
  if (expires.size > 0) {
    for (let i = 0; i < missed; i++) sum += peek(expires, keyOf(missedRow(i)));
  }
  foreseen = sum + peekCandidates(missed);
}
