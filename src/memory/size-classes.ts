import type { Allocator } from '../servers/profile.ts';

/** Bytes the allocator charges for a request: `A(x)` of docs/model.md. */
export type Rounder = (bytes: number) => number;

const PAGE = 4096;
/** Requests up to this size are looked up in a table: nearly all of them. */
const TABLE_LIMIT = 2048;

/**
 * jemalloc's size classes: 8, then multiples of `quantum` up to 8 quanta, then four classes per doubling. jemalloc
 * 5.3.1 serves requests above `wholePagesAbove` in whole pages. Checked to the byte against servers (test/golden).
 */
function jemalloc(quantum: number, wholePagesAbove: number): Rounder {
  return (bytes) => {
    if (bytes <= 8) return 8;
    if (bytes <= 8 * quantum) return Math.ceil(bytes / quantum) * quantum;
    if (bytes > wholePagesAbove) return Math.ceil(bytes / PAGE) * PAGE;
    const step = 2 ** (Math.ceil(Math.log2(bytes)) - 3);
    return Math.ceil(bytes / step) * step;
  };
}

/**
 * glibc's malloc_usable_size on 64 bits: chunks in steps of 16 with an 8-byte header, at least 32; a chunk of the mmap
 * threshold (128 KiB at start) or more is mapped in whole pages with 8 bytes more of header. Source: malloc/malloc.c,
 * sysmalloc_mmap; compared with glibc 2.36.
 */
function glibc(bytes: number): number {
  const chunk = Math.max(32, Math.ceil((bytes + 8) / 16) * 16);
  return chunk < 128 * 1024 ? chunk - 8 : Math.ceil((chunk + 8) / PAGE) * PAGE - 16;
}

const ROUNDERS: Readonly<Record<Allocator, Rounder>> = {
  'jemalloc-q8': jemalloc(8, Infinity),
  'jemalloc-q16': jemalloc(16, Infinity),
  'jemalloc-q16-pages': jemalloc(16, 16 * 1024),
  libc: glibc,
};

/** The rounding rule of an allocator build. */
export function rounderOf(allocator: Allocator): Rounder {
  const exact = ROUNDERS[allocator];
  const table = new Uint32Array(TABLE_LIMIT + 1);
  for (let bytes = 0; bytes <= TABLE_LIMIT; bytes++) table[bytes] = exact(bytes);
  return (bytes) => (bytes <= TABLE_LIMIT ? table[bytes] : exact(bytes));
}
