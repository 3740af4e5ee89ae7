/** Allocator builds, by how they round a request up (memory/size-classes.ts). */
export const ALLOCATORS = ['jemalloc-q8', 'jemalloc-q16', 'jemalloc-q16-pages', 'libc'] as const;
export type Allocator = (typeof ALLOCATORS)[number];
