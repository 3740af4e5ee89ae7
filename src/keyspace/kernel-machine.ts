import { readFileSync } from 'node:fs';
import { InvariantError } from '../errors.ts';
import type { Rounder } from '../memory/size-classes.ts';
import type { KernelCalls, KernelHost, KernelListener, KernelPlaces } from './kernel-calls.ts';

export const PAGE_BYTES = 65_536;
export const MOST_PAGES = 65_536;
/** Machines with more memory than that are not kept: to clear it takes as long as to make another (measured: 0.3 to 0.8 ms). Nor are more of them. */
const MOST_BYTES_KEPT = 16 * 1024 * 1024;
const MOST_KEPT = 8;

let compiled: WebAssembly.Module | undefined;
const idle: KernelMachine[] = [];

/** Places, as a module exports them. */
type KernelGlobals = Readonly<Record<keyof KernelPlaces, { readonly value: number }>>;

/** Who uses a machine, and answers what it asks. */
export interface KernelUser {
  readonly round: Rounder;
  readonly found: Int32Array;
  readonly hitSlots: Int32Array;
  readonly host: KernelHost | undefined;
  readonly listener: KernelListener | undefined;
  readonly onScored: ((slots: Int32Array, count: number) => void) | undefined;
  /** Throws: there is no more memory. */
  outOfRoom(): never;
}

/**
 * The code of the kernel with a memory: one kernel's at a time, of one after another. To make one takes 0.3
 * ms, and what calls always the same functions calls them twice as fast.
 */
export class KernelMachine {
  readonly calls: KernelCalls;
  readonly memory: WebAssembly.Memory;
  private readonly globals: KernelGlobals;
  private user: KernelUser | undefined;

  private constructor(pages: number) {
    // Shared memory may grow without a new buffer for what is there.
    this.memory = new WebAssembly.Memory({ initial: pages, maximum: MOST_PAGES, shared: true });
    compiled ??= new WebAssembly.Module(
      readFileSync(new URL('../kernel/kernel.wasm', import.meta.url)),
    );
    const instance = new WebAssembly.Instance(compiled, {
      env: { memory: this.memory },
      host: this.services(),
    });
    // What a module exports has no types in TypeScript; these say what src/kernel/index.ts exports.
    const exports: unknown = instance.exports;
    this.calls = exports as KernelCalls;
    this.globals = exports as KernelGlobals;
  }

  /** A machine for `user`, with `pages` of memory if it has to be made. */
  static take(user: KernelUser, pages: number): KernelMachine {
    const machine = idle.pop() ?? new KernelMachine(pages);
    machine.user = user;
    return machine;
  }

  /** Its user needs it no more, and must not use it again. */
  release(): void {
    this.user = undefined;
    const isSmall = this.memory.buffer.byteLength <= MOST_BYTES_KEPT;
    if (isSmall && idle.length < MOST_KEPT) idle.push(this);
  }

  /** Where something is that the kernel has from the start on. */
  place(name: keyof KernelPlaces): number {
    return this.globals[name].value >>> 0;
  }

  /** By the names of src/kernel/host.ts. */
  private services(): Record<string, (...values: number[]) => unknown> {
    const user = (): KernelUser => this.user!;
    const host = (): KernelHost => this.user!.host!;
    const listener = (): KernelListener => this.user!.listener!;
    return {
      round: (bytes) => user().round(bytes),
      outOfMemory: () => user().outOfRoom(),
      notInTable: (slot) => {
        throw new InvariantError(`the key of slot ${slot} is not in its table`);
      },
      unknownOperation: (row) => {
        throw new InvariantError(`row ${row} has an operation that nobody replays`);
      },
      entryBytesOf: (id, value, flags) => host().entryBytes(id, value, flags),
      slotAfterOverwrite: (id, oldValue, oldFlags, value, flags, keepsTtl) =>
        host().slotAfterOverwrite(id, oldValue, oldFlags, value, flags, keepsTtl !== 0),
      longArgumentBytes: (length) => host().argumentBytes(length),
      longKeyCopyBytes: (length) => host().keyCopyBytes(length),
      recordBytes: (waiting) => host().recordBytes(waiting),
      addReplyBlock: (overflow) => {
        host().addReplyBlock(overflow);
      },
      dropReplyBlocks: () => {
        host().dropReplyBlocks();
      },
      hostOnHit: (slot) => {
        listener().onHit(slot);
      },
      hostOnHits: (count) => {
        const policy = listener();
        if (policy.onHits === undefined) return 0;
        policy.onHits(user().hitSlots, count);
        return 1;
      },
      hostOnInsert: (slot) => {
        listener().onInsert(slot);
      },
      hostOnModify: (slot) => listener().onModify?.(slot),
      hostOnRemove: (slot, reason) => {
        listener().onRemove(slot, reason);
      },
      hostChooseVictim: () => listener().chooseVictim(),
      hostHasVictims: () => Number(listener().hasVictims?.() ?? true),
      hostOnScored: (count) => {
        const { onScored, found } = user();
        onScored?.(found, count);
      },
    };
  }
}
