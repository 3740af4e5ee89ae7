/** Memory of the kernel: columns that stay for good, and arrays that come and go, zero when handed out. */

import { outOfMemory } from './host';

const PAGE_SHIFT: usize = 16;
const LINE: usize = 64;

const BASE: usize = (__heap_base + LINE - 1) & ~(LINE - 1);
let top: usize = BASE;
/** By the binary logarithm of their bytes, the arrays given back last, linked through their first word. */
const freeArrays = memory.data(33 * sizeof<usize>());

/** A word of a column. */
@inline
export function at(column: usize, index: i32): usize {
  return column + ((<usize>index) << 2);
}

/** Forgets everything that was handed out, and what `memory.data` holds: all is as in a new memory. */
export function clearMemory(): void {
  memory.fill(0, 0, top);
  top = BASE;
}

/** So many bytes, all zero, from a multiple of 64 on. Pages that nobody touches take no memory. */
export function allocate(bytes: usize): usize {
  const start = top;
  const end = (<u64>start + bytes + LINE - 1) & ~(<u64>LINE - 1);
  const pages = <i32>((end + 0xffff) >> PAGE_SHIFT);
  const missing = pages - memory.size();
  if (end > 0xffff_0000 || (missing > 0 && memory.grow(missing) < 0)) {
    outOfMemory();
    return 0;
  }
  top = <usize>end;
  return start;
}

/** An array of `bytes`, a power of two of 4 at least, all zero. */
export function allocateArray(bytes: usize): usize {
  const list = freeArrays + ((<usize>ctz(bytes)) << 2);
  const start = load<usize>(list);
  if (start === 0) return allocate(bytes);
  store<usize>(list, load<usize>(start));
  memory.fill(start, 0, bytes);
  return start;
}

export function freeArray(start: usize, bytes: usize): void {
  const list = freeArrays + ((<usize>ctz(bytes)) << 2);
  store<usize>(start, load<usize>(list));
  store<usize>(list, start);
}
