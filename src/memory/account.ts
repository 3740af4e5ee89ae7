/**
 * The server's `used_memory`: a counter of allocated bytes, never a measurement of pages. One per server; whoever
 * allocates adds, whoever frees subtracts.
 */
export class MemoryAccount {
  /** Bytes allocated for the long run: empty server, clients, keys, tables. */
  used: number;
  /** Bytes of the running command (arguments and what it has copied so far); 0 between commands. */
  transient = 0;
  /** Highest `used` after any command. */
  peak: number;
  /** `maxmemory`; Infinity for no limit. */
  readonly limit: number;

  constructor(baseBytes: number, maxmemoryBytes: number) {
    this.used = baseBytes;
    this.peak = baseBytes;
    this.limit = maxmemoryBytes === 0 ? Infinity : maxmemoryBytes;
  }

  /** True if allocating `bytes` now would exceed the limit: what a table asks before it grows. */
  wouldExceed(bytes: number): boolean {
    return this.used + this.transient + bytes > this.limit;
  }
}
