import { UsageError } from '../errors.ts';
import type { Rounder } from '../memory/size-classes.ts';
import type { Random } from '../random.ts';
import type { KernelCalls, KernelHost, KernelListener, KernelPlaces } from './kernel-calls.ts';
import { KernelMachine, type KernelUser, MOST_PAGES, PAGE_BYTES } from './kernel-machine.ts';

/** What the columns and the directory take per key, and what is there without keys. */
const BYTES_PER_KEY = 50;
const FIXED_BYTES = 4 * PAGE_BYTES;

/** What host and kernel both read and write: so many numbers each. */
const FIELDS = {
  accountFields: 4,
  clockFields: 1,
  counterFields: 8,
  replyFields: 3,
  lookupSums: 2,
} as const;

/**
 * The hot path of one engine, in WebAssembly (src/kernel/): columns of records, tables, pool, dice, commands, and replays
 * by the batch; docs/performance.md says why. The host reads and writes the same memory through typed arrays.
 */
export class Kernel implements KernelUser {
  readonly calls: KernelCalls;
  readonly keyCount: number;
  readonly round: Rounder;
  /** What tables have found: the first so many slots that a call returns. */
  readonly found: Int32Array;
  /** Slots of the rows of a batch that hit. */
  hitSlots: Int32Array = new Int32Array();
  /** What it asks; a keyspace without an engine around it asks nothing. */
  host: KernelHost | undefined;
  /** Hears which keys a sample has scored: the first so many of `found`. */
  onScored: ((slots: Int32Array, count: number) => void) | undefined;
  listener: KernelListener | undefined;
  private readonly machine: KernelMachine;

  /** `random` says how the dice of the kernel fall from here on. Throws UsageError for more keys than it has room for. */
  constructor(keyCount: number, random: Random, round: Rounder) {
    const pages = Math.ceil((FIXED_BYTES + keyCount * BYTES_PER_KEY) / PAGE_BYTES);
    this.keyCount = keyCount;
    this.round = round;
    if (pages > MOST_PAGES) this.outOfRoom();
    this.machine = this.takeMachine(pages);
    this.calls = this.machine.calls;
    this.found = this.int32s(this.calls.start(keyCount), keyCount + 2);
    this.int32s(this.place('randomState'), 4).set(random.state);
  }

  private takeMachine(pages: number): KernelMachine {
    try {
      return KernelMachine.take(this, pages);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new UsageError(
        'a replay found no room in the address space, of which it reserves 10 GB (and uses what its keys take): raise "ulimit -v", or run fewer at a time (--jobs).',
        { cause: error },
      );
    }
  }

  outOfRoom(): never {
    throw new UsageError(
      `${this.keyCount} distinct keys take more than the 4 GB that one replay has for them: shorten the trace.`,
    );
  }

  /** Has the kernel ask `listener` instead of its own policy. */
  listenWith(listener: KernelListener): void {
    this.listener = listener;
    this.calls.useHostsPolicy();
  }

  /** Nobody needs it any more: its memory may be another one's from here on. */
  release(): void {
    this.machine.release();
  }

  /** Numbers that host and kernel both read and write. */
  fields(name: keyof typeof FIELDS): Float64Array {
    return this.float64s(this.place(name), FIELDS[name]);
  }

  /** Where something is that the kernel has from the start on. */
  place(name: keyof KernelPlaces): number {
    return this.machine.place(name);
  }

  /** Room for the lengths of all names: below 256 if they `areShort`, the same for all if they `areAlike`. */
  namesOf(areShort: boolean, areAlike: boolean): Uint8Array | Uint32Array {
    const { calls, keyCount } = this;
    const place = calls.allocateNames(keyCount, Number(areShort), Number(areAlike));
    return areShort ? this.bytes(place, keyCount) : this.uint32s(place, keyCount);
  }

  bytes(address: number, length: number): Uint8Array {
    return new Uint8Array(this.machine.memory.buffer, address >>> 0, length);
  }

  int32s(address: number, length: number): Int32Array {
    return new Int32Array(this.machine.memory.buffer, address >>> 0, length);
  }

  uint32s(address: number, length: number): Uint32Array {
    return new Uint32Array(this.machine.memory.buffer, address >>> 0, length);
  }

  float64s(address: number, length: number): Float64Array {
    return new Float64Array(this.machine.memory.buffer, address >>> 0, length);
  }
}
