import type { ServerClock } from '../policies/policy.ts';

const NOW_MS = 0;
const LRU_SECONDS = 1;
const LFU_MINUTES = 2;
const ROW = 3;

/** The server's clock, which the kernel reads: its fields are in the order of src/kernel/state.ts. */
export class KernelClock implements ServerClock {
  private readonly fields: Float64Array;

  constructor(fields: Float64Array) {
    this.fields = fields;
  }

  get nowMs(): number {
    return this.fields[NOW_MS];
  }

  set nowMs(ms: number) {
    this.fields[NOW_MS] = ms;
  }

  get lruSeconds(): number {
    return this.fields[LRU_SECONDS];
  }

  set lruSeconds(seconds: number) {
    this.fields[LRU_SECONDS] = seconds;
  }

  get lfuMinutes(): number {
    return this.fields[LFU_MINUTES];
  }

  set lfuMinutes(minutes: number) {
    this.fields[LFU_MINUTES] = minutes;
  }

  get row(): number {
    return this.fields[ROW];
  }

  set row(row: number) {
    this.fields[ROW] = row;
  }
}
