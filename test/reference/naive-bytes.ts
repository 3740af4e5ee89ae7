/**
 * What string keys cost on a dictionary server (Redis 5.0 to 8.0), written as a person would from the tables of the
 * memory model: size classes as a list to search, one line per allocation. Shares no code with src/memory.
 */

/** jemalloc's size classes with the given quantum, up to 16 MiB. */
export function sizeClasses(quantum: 8 | 16): number[] {
  const classes = [8];
  for (let size = quantum; size <= 8 * quantum; size += quantum) {
    if (size > 8) classes.push(size);
  }
  for (let base = 8 * quantum; base < 16 * 1024 * 1024; base *= 2) {
    for (let quarter = 1; quarter <= 4; quarter++) classes.push(base + (quarter * base) / 4);
  }
  return classes;
}

/** The smallest class that holds the request. */
export function roundToClass(classes: readonly number[], request: number): number {
  return classes.find((size) => size >= request)!;
}

/** Bytes requested for a string in a block of its own. */
function stringBlock(length: number): number {
  if (length < 32) return 1 + length + 1;
  if (length < 256) return 3 + length + 1;
  if (length < 65_536) return 5 + length + 1;
  return 9 + length + 1;
}

export type NaiveValue =
  | { readonly kind: 'string'; readonly length: number }
  | { readonly kind: 'integer'; readonly number: number };

export class NaiveBytes {
  private readonly classes: number[];
  private readonly sharesIntegers: boolean;

  constructor(quantum: 8 | 16, sharesIntegers: boolean) {
    this.classes = sizeClasses(quantum);
    this.sharesIntegers = sharesIntegers;
  }

  allocation(request: number): number {
    return roundToClass(this.classes, request);
  }

  key(keyLength: number, value: NaiveValue, hasTtl: boolean): number {
    const name = this.allocation(stringBlock(keyLength));
    const entry = this.allocation(24);
    const ttl = hasTtl ? this.allocation(24) : 0;
    return name + entry + ttl + this.value(value);
  }

  private value(value: NaiveValue): number {
    if (value.kind === 'string') return this.object(value.length);
    const isShared = this.sharesIntegers && value.number >= 0 && value.number <= 9999;
    return isShared ? 0 : this.allocation(16);
  }

  /** A string object: inside its own block up to 44 bytes. */
  private object(length: number): number {
    if (length <= 44) return this.allocation(16 + 3 + length + 1);
    return this.allocation(16) + this.allocation(stringBlock(length));
  }

  /** A parsed command: the array of its arguments and one string object each. */
  command(argumentLengths: readonly number[]): number {
    const objects = argumentLengths.map((length) => this.object(length));
    return this.allocation(8 * argumentLengths.length) + objects.reduce((a, b) => a + b, 0);
  }
}
