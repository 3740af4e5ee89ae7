import { BucketTable } from './bucket-table';
import { ChainedDict } from './chained-dict';
import { Table } from './table';

// Tables of either kind. Which one it is never changes within a replay, so the question costs next to nothing.

@inline
function dict(table: Table): ChainedDict {
  return changetype<ChainedDict>(table);
}


@inline
function buckets(table: Table): BucketTable {
  return changetype<BucketTable>(table);
}

export function lookUp(table: Table, id: i32): void {
  if (table.rehashIndex < 0) return;
  if (table.hasBuckets) buckets(table).onLookup();
  else dict(table).moveAlong(id);
}

export function insert(table: Table, slot: i32): void {
  if (table.hasBuckets) buckets(table).insert(slot);
  else dict(table).insert(slot);
}

export function remove(table: Table, slot: i32): void {
  if (table.hasBuckets) buckets(table).remove(slot);
  else dict(table).remove(slot);
}

export function sample(table: Table, count: i32): i32 {
  return table.hasBuckets ? buckets(table).sample(count) : dict(table).sample(count);
}

export function randomKey(table: Table): i32 {
  return table.hasBuckets ? buckets(table).randomKey() : dict(table).randomKey();
}

export function collectAt(table: Table, cursor: i32): i32 {
  return table.hasBuckets ? buckets(table).collectAt(cursor) : dict(table).collectAt(cursor);
}

export function scan(table: Table, cursor: i32): i32 {
  return table.hasBuckets ? buckets(table).scan(cursor) : dict(table).scan(cursor);
}

export function cursorAfter(table: Table, cursor: i32): i32 {
  return table.cursorAfter(cursor);
}

export function endScan(table: Table): void {
  if (table.hasBuckets) buckets(table).endScan();
}


@inline
export function peek(table: Table, id: i32): i32 {
  return table.hasBuckets ? buckets(table).peek(id) : dict(table).peek(id);
}

export function resizeIfSparse(table: Table): void {
  if (table.hasBuckets) buckets(table).resizeIfSparse();
  else dict(table).resizeIfSparse();
}

/** Moves up to `count` buckets of a rehash that is under way. */
export function rehash(table: Table, count: i32): void {
  if (!table.hasBuckets) {
    dict(table).rehash(count);
    return;
  }
  for (let step = 0; step < count && table.rehashIndex >= 0; step++) buckets(table).rehashStep();
}
