import type { Kernel } from '../keyspace/kernel.ts';
import type { ServerClock } from '../policies/policy.ts';

/** Words of the kernel's clock (src/kernel/state.ts), by their place. */
const LRU_SECONDS = 0;
const LFU_MINUTES = 1;
const ROW = 2;
const WORDS = 3;

/** The server's clock, which the kernel reads. */
export class KernelClock implements ServerClock {
  private readonly fields: Float64Array;
  private readonly words: Int32Array;

  constructor(kernel: Kernel) {
    this.fields = kernel.fields('clockFields');
    this.words = kernel.int32s(kernel.place('clockWords'), WORDS);
  }

  get nowMs(): number {
    return this.fields[0];
  }

  set nowMs(ms: number) {
    this.fields[0] = ms;
  }

  get lruSeconds(): number {
    return this.words[LRU_SECONDS];
  }

  set lruSeconds(seconds: number) {
    this.words[LRU_SECONDS] = seconds;
  }

  get lfuMinutes(): number {
    return this.words[LFU_MINUTES];
  }

  set lfuMinutes(minutes: number) {
    this.words[LFU_MINUTES] = minutes;
  }

  get row(): number {
    return this.words[ROW];
  }

  set row(row: number) {
    this.words[ROW] = row;
  }
}
