import { chainAt, collectChain, sampleChain, SPARE } from './bucket-chains';
import { at } from './memory';
import { below, int32 } from './random';
import { found, nextScanCursor, Table } from './table';

// What a bucket table shows of its keys to those who ask for some.

/**
 * Slots that a rehash moves, or that a sample chooses from during one: not `found`, which has what the table was asked
 * for. Room for as many.
 */
export let visited: usize = 0;

export function setVisited(address: usize): void {
  visited = address;
}


@inline
export function sampleAtRest(table: Table, wanted: i32, drawsBucketsAlone: bool): i32 {
  const array = table.array0;
  const mask = table.buckets0 - 1;
  // `found` has room for all keys and two more.
  const hasRoom = wanted + SPARE <= table.size + 1;
  let cursor = int32();
  for (let seen = 0; seen < wanted;) {
    seen = sampleChain(chainAt(array, cursor & mask), seen, wanted, hasRoom);
    if (drawsBucketsAlone) cursor = int32();
    else if (seen < wanted) cursor = nextScanCursor(cursor, mask);
  }
  return wanted;
}

export function sampleBoth(table: Table, wanted: i32, drawsBucketsAlone: bool): i32 {
  let cursor = int32();
  for (let seen = 0; seen < wanted;) {
    seen = sampleVisited(visit(table, cursor, visited), seen, wanted);
    cursor = drawsBucketsAlone ? int32() : table.cursorAfter(cursor);
  }
  return wanted;
}

/** Shows the keys of a {@link visit} to a sample, as {@link sampleChain} does. */
function sampleVisited(count: i32, alreadySeen: i32, wanted: i32): i32 {
  let seen = alreadySeen;
  for (let i = 0; i < count; i++) {
    const place = seen < wanted ? seen : below(seen + 1);
    if (place < wanted) store<i32>(at(found, place), load<i32>(at(visited, i)));
    seen++;
  }
  return seen;
}

/**
 * A step of a scan: writes the keys of the bucket at `cursor` and of its children to `out`; during a rehash those of
 * the smaller array's bucket, unless it has moved, and of the buckets of the larger one that it splits into, from the
 * cursor's own on. Returns how many; {@link Table.cursorAfter} goes the same way.
 */
export function visit(table: Table, cursor: i32, out: usize): i32 {
  if (table.rehashIndex < 0) {
    return collectChain(chainAt(table.array0, cursor & (table.buckets0 - 1)), out, 0);
  }
  const small = table.buckets0 <= table.buckets1 ? 0 : 1;
  const smallMask = min(table.buckets0, table.buckets1) - 1;
  const largeMask = max(table.buckets0, table.buckets1) - 1;
  let count = collectBucket(table, small, cursor & smallMask, out, 0);
  let next = cursor;
  do {
    count = collectBucket(table, 1 - small, next & largeMask, out, count);
    next = nextScanCursor(next, largeMask);
  } while (next & (smallMask ^ largeMask));
  return count;
}

/** Appends the keys of a bucket to the `alreadyFound` ones at `out`; returns how many there are then. */
function collectBucket(table: Table, array: i32, bucket: i32, out: usize, alreadyFound: i32): i32 {
  if (array === 0 && bucket < table.rehashIndex) return alreadyFound;
  return collectChain(
    chainAt(array === 0 ? table.array0 : table.array1, bucket),
    out,
    alreadyFound,
  );
}

/** Writes the keys at cursor position `cursor` to `found`, of both arrays during a rehash; returns how many. */
export function collectBoth(table: Table, cursor: i32): i32 {
  let count = 0;
  if (table.buckets0 > 0) count = collectBucket(table, 0, cursor & (table.buckets0 - 1), found, 0);
  if (table.rehashIndex < 0) return count;
  return collectBucket(table, 1, cursor & (table.buckets1 - 1), found, count);
}
