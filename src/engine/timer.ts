import type { Keyspace } from '../keyspace/keyspace.ts';
import type { ActiveExpire } from './active-expire.ts';
import type { KernelClock } from './clock.ts';
import type { ReplyBuffer } from './reply-buffer.ts';

/**
 * The server's sense of time: its clocks, and the cron that runs `hz` times a second for expiry, table sizes and
 * client buffers. As in the server's event loop, requests that have arrived run before a tick that is due, and the
 * next tick is due a full period after this one ran; while nothing arrives, ticks run on time.
 */
export class Timer {
  private readonly clock: KernelClock;
  private readonly keyspace: Keyspace;
  private readonly activeExpire: ActiveExpire;
  private readonly replies: ReplyBuffer;
  private readonly periodMs: number;
  /** Buckets of a rehash that one tick moves. */
  private readonly rehashBuckets: number;
  /** What the main table leaves of a tick's time goes to the expires table, which else waits for the next tick. */
  private readonly rehashesBoth: boolean;
  private nextTickMs: number;

  /** `phase` in [0, 1): where in its period the cron stands when the trace starts. */
  constructor(
    parts: {
      clock: KernelClock;
      keyspace: Keyspace;
      activeExpire: ActiveExpire;
      replies: ReplyBuffer;
    },
    options: {
      hz: number;
      rehashBuckets: number;
      rehashesBoth: boolean;
      startMs: number;
      phase: number;
    },
  ) {
    this.clock = parts.clock;
    this.keyspace = parts.keyspace;
    this.activeExpire = parts.activeExpire;
    this.replies = parts.replies;
    this.periodMs = 1000 / options.hz;
    this.rehashBuckets = options.rehashBuckets;
    this.rehashesBoth = options.rehashesBoth;
    this.clock.set(options.startMs);
    this.clock.cacheLru(options.startMs);
    this.nextTickMs = options.startMs + options.phase * this.periodMs;
  }

  /** Unix time up to which arrivals are nothing to it. */
  get quietUntilMs(): number {
    return this.activeExpire.hitTimeLimit ? -Infinity : this.nextTickMs;
  }

  /** Requests arrive at unix time `nowMs`, not earlier than the last ones. */
  wake(nowMs: number): void {
    while (this.nextTickMs + this.periodMs <= nowMs) {
      this.tick(this.nextTickMs);
      this.nextTickMs += this.periodMs;
      if (!this.hasWork()) {
        const idleTicks = Math.floor((nowMs - this.nextTickMs) / this.periodMs);
        if (idleTicks > 0) this.nextTickMs += idleTicks * this.periodMs;
      }
    }
    this.clock.set(nowMs);
    if (this.activeExpire.hitTimeLimit) this.activeExpire.fast();
  }

  /** The requests that arrived have run; now it is the timers' turn. */
  endEvents(): void {
    const { nowMs } = this.clock;
    if (nowMs < this.nextTickMs) return;
    this.tick(nowMs);
    this.nextTickMs = nowMs + this.periodMs;
  }

  private tick(atMs: number): void {
    const { main, expires } = this.keyspace;
    const nowMs = Math.floor(atMs);
    this.clock.set(nowMs);
    this.clock.cacheLru(nowMs);
    this.replies.resize(nowMs);
    this.activeExpire.slow();
    main.resizeIfSparse();
    expires.resizeIfSparse();
    const busy = main.rehashFor(this.rehashBuckets);
    if (!busy || (this.rehashesBoth && !main.isRehashing)) expires.rehashFor(this.rehashBuckets);
    if (this.activeExpire.hitTimeLimit) this.activeExpire.fast();
  }

  /** Whether ticks without requests in between could change anything but the clock. */
  private hasWork(): boolean {
    const { main, expires } = this.keyspace;
    return expires.size > 0 || main.isRehashing || expires.isRehashing || this.replies.isShrinking;
  }
}
