import { readFileSync } from 'node:fs';
import { InvariantError, UsageError } from '../errors.ts';
import type { Rounder } from '../memory/size-classes.ts';
import type { Random } from '../random.ts';
import type { KernelCalls, KernelHost, KernelListener, KernelPlaces } from './kernel-calls.ts';

const PAGE_BYTES = 65_536;
const MOST_PAGES = 65_536;
/** What the columns and the directory take per key, and what is there without keys. */
const BYTES_PER_KEY = 50;
const FIXED_BYTES = 4 * PAGE_BYTES;

const FIELDS = {
  accountFields: 4,
  clockFields: 4,
  counterFields: 8,
  replyFields: 2,
  lookupSums: 2,
} as const;

let compiled: WebAssembly.Module | undefined;

/**
 * The memory and the code of one engine's hot path, in WebAssembly: columns of records, tables, pool, dice, and GETs by the
 * batch (docs/performance.md says why). The host reads and writes the same columns through typed arrays.
 */
export class Kernel {
  readonly calls: KernelCalls;
  readonly keyCount: number;
  /** What tables have found: the first so many slots that a call returns. */
  readonly found: Int32Array;
  /** Slots of the rows of a batch that hit. */
  hitSlots: Int32Array = new Int32Array();
  /** What it asks; a keyspace without an engine around it asks nothing. */
  host: KernelHost | undefined;
  /** The policy it asks instead of its own, and who hears which keys a sample has scored: the first so many of `found`. */
  private listener: KernelListener | undefined;
  onScored: ((slots: Int32Array, count: number) => void) | undefined;
  readonly round: Rounder;
  private readonly memory: WebAssembly.Memory;
  private readonly globals: Readonly<Record<keyof KernelPlaces, { readonly value: number }>>;

  /** `random` says how the dice of the kernel fall from here on. Throws UsageError for more keys than it has room for. */
  constructor(keyCount: number, random: Random, round: Rounder) {
    const outOfRoom = (): never => {
      throw new UsageError(
        `${keyCount} distinct keys take more than the 4 GB that one replay has for them: shorten the trace.`,
      );
    };
    const pages = Math.ceil((FIXED_BYTES + keyCount * BYTES_PER_KEY) / PAGE_BYTES);
    if (pages > MOST_PAGES) outOfRoom();
    // Shared memory may grow without a new buffer for what is there.
    this.memory = new WebAssembly.Memory({ initial: pages, maximum: MOST_PAGES, shared: true });
    compiled ??= new WebAssembly.Module(
      readFileSync(new URL('../kernel/kernel.wasm', import.meta.url)),
    );
    const { exports } = new WebAssembly.Instance(compiled, {
      env: { memory: this.memory, outOfMemory: outOfRoom, ...this.services(round) },
    });
    this.calls = exports as unknown as KernelCalls;
    this.globals = exports as unknown as typeof this.globals;
    this.keyCount = keyCount;
    this.round = round;
    this.found = this.int32s(this.calls.start(keyCount), keyCount + 2);
    this.int32s(this.place('randomState'), 4).set(random.state);
  }

  private services(round: Rounder): Record<string, (...values: number[]) => unknown> {
    const host = (): KernelHost => this.host!;
    const listener = (): KernelListener => this.listener!;
    return {
      round,
      notInTable: (slot) => {
        throw new InvariantError(`the key of slot ${slot} is not in its table`);
      },
      unknownOperation: (row) => {
        throw new InvariantError(`row ${row} has an operation that nobody replays`);
      },
      entryBytes: (id, value, flags) => host().entryBytes(id, value, flags),
      slotAfterOverwrite: (id, oldValue, oldFlags, value, flags, keepsTtl) =>
        host().slotAfterOverwrite(id, oldValue, oldFlags, value, flags, keepsTtl !== 0),
      longArgumentBytes: (length) => host().argumentBytes(length),
      longKeyCopyBytes: (length) => host().keyCopyBytes(length),
      recordBytes: (waiting) => host().recordBytes(waiting),
      addReplyBlock: (overflow) => {
        host().addReplyBlock(overflow);
      },
      onHit: (slot) => {
        listener().onHit(slot);
      },
      onHits: (count) => {
        const { onHits } = listener();
        if (onHits === undefined) return 0;
        onHits.call(this.listener, this.hitSlots, count);
        return 1;
      },
      onInsert: (slot) => {
        listener().onInsert(slot);
      },
      onModify: (slot) => listener().onModify?.(slot),
      onRemove: (slot, reason) => {
        listener().onRemove(slot, reason);
      },
      chooseVictim: () => listener().chooseVictim(),
      hasVictims: () => Number(listener().hasVictims?.() ?? true),
      onScored: (count) => this.onScored?.(this.found, count),
    };
  }

  /** Has the kernel ask `listener` instead of its own policy. */
  listenWith(listener: KernelListener): void {
    this.listener = listener;
    this.calls.useHostsPolicy();
  }

  /** Numbers that host and kernel both read and write. */
  fields(name: keyof typeof FIELDS): Float64Array {
    return this.float64s(this.place(name), FIELDS[name]);
  }

  /** Where something is that the kernel has had from the start on. */
  place(name: keyof KernelPlaces): number {
    return this.globals[name].value >>> 0;
  }

  /** Room for the lengths of all names, below 256 if they `areShort`. */
  namesOf(areShort: boolean): Uint8Array | Uint32Array {
    const { calls, keyCount } = this;
    return areShort
      ? this.bytes(calls.allocateNames(keyCount, 1), keyCount)
      : this.uint32s(calls.allocateNames(keyCount, 0), keyCount);
  }

  bytes(address: number, length: number): Uint8Array {
    return new Uint8Array(this.memory.buffer, address >>> 0, length);
  }

  int32s(address: number, length: number): Int32Array {
    return new Int32Array(this.memory.buffer, address >>> 0, length);
  }

  uint32s(address: number, length: number): Uint32Array {
    return new Uint32Array(this.memory.buffer, address >>> 0, length);
  }

  float64s(address: number, length: number): Float64Array {
    return new Float64Array(this.memory.buffer, address >>> 0, length);
  }
}
