const USED = 0;
const TRANSIENT = 1;
const LIMIT = 2;
const PEAK = 3;
const FIELDS = 4;

/**
 * The server's `used_memory`: a counter of allocated bytes, never a measurement of pages. One per server; whoever
 * allocates adds, whoever frees subtracts. Its fields are numbers in an array, which may be the kernel's (src/kernel/account.ts).
 */
export class MemoryAccount {
  private readonly fields: Float64Array;

  constructor(
    baseBytes: number,
    maxmemoryBytes: number,
    fields: Float64Array = new Float64Array(FIELDS),
  ) {
    fields[USED] = baseBytes;
    fields[TRANSIENT] = 0;
    fields[LIMIT] = maxmemoryBytes === 0 ? Infinity : maxmemoryBytes;
    fields[PEAK] = baseBytes;
    this.fields = fields;
  }

  /** Bytes allocated for the long run: empty server, clients, keys, tables. */
  get used(): number {
    return this.fields[USED];
  }

  set used(bytes: number) {
    this.fields[USED] = bytes;
  }

  /** Bytes of the running command (arguments and what it has copied so far); 0 between commands. */
  get transient(): number {
    return this.fields[TRANSIENT];
  }

  set transient(bytes: number) {
    this.fields[TRANSIENT] = bytes;
  }

  /** `maxmemory`; Infinity for no limit. */
  get limit(): number {
    return this.fields[LIMIT];
  }

  /** Highest `used` after any command. */
  get peak(): number {
    return this.fields[PEAK];
  }

  set peak(bytes: number) {
    this.fields[PEAK] = bytes;
  }

  /** True if allocating `bytes` now would exceed the limit: what a table asks before it grows. */
  wouldExceed(bytes: number): boolean {
    return this.used + this.transient + bytes > this.limit;
  }
}
