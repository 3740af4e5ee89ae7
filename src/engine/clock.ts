import type { KernelCalls } from '../keyspace/kernel-calls.ts';
import type { Kernel } from '../keyspace/kernel.ts';
import type { ServerClock } from '../policies/policy.ts';

/** Words of the kernel's clock (src/kernel/state.ts), by their place. */
const LRU_SECONDS = 0;
const LFU_MINUTES = 1;
const ROW = 2;
const WORDS = 3;

/** The server's clock, which is the kernel's. */
export class KernelClock implements ServerClock {
  private readonly fields: Float64Array;
  private readonly words: Int32Array;
  private readonly calls: KernelCalls;

  /** `exactLruClock`: commands read the LRU clock anew, rather than as the timer left it. */
  constructor(kernel: Kernel, exactLruClock: boolean) {
    this.calls = kernel.calls;
    this.calls.setClockRules(Number(exactLruClock));
    this.fields = kernel.fields('clockFields');
    this.words = kernel.int32s(kernel.place('clockWords'), WORDS);
  }

  get nowMs(): number {
    return this.fields[0];
  }

  get lruSeconds(): number {
    return this.words[LRU_SECONDS];
  }

  get lfuMinutes(): number {
    return this.words[LFU_MINUTES];
  }

  get row(): number {
    return this.words[ROW];
  }

  set row(row: number) {
    this.words[ROW] = row;
  }

  /** It is `ms`, unix time. */
  set(ms: number): void {
    this.calls.setClock(ms);
  }

  /** What the timer does to the LRU clock. */
  cacheLru(ms: number): void {
    this.calls.cacheLruClock(ms);
  }
}
