import { setTimeout as sleep } from 'node:timers/promises';
import { PeriodBatches } from '../replay/period-batches.ts';
import { GET, TOUCH } from '../trace/operations.ts';
import type { Trace } from '../trace/trace.ts';
import type { Commands } from './commands.ts';
import { ErrorReply, type Connection, type Reply } from './connection.ts';
import { ServerFailure } from './server-failure.ts';
import type { Recording } from './server-run.ts';
import type { TraceClock } from './trace-clock.ts';

export interface DriveOptions {
  readonly pipeline: number;
  /** Of the server's timer. */
  readonly periodMs: number;
  readonly fillsMisses: boolean;
  readonly signal: AbortSignal;
}

/** Replays a trace through one connection, in batches as the engine does (replay/batch.ts), and counts the replies. */
export class Drive {
  hits = 0;
  misses = 0;
  oomErrors = 0;
  /** Commands refused for other reasons, and the first of them. */
  refused = 0;
  firstRefusal = '';
  /** Rows sent so far. */
  row = 0;
  private readonly connection: Connection;
  private readonly commands: Commands;
  private readonly trace: Trace;
  private readonly options: DriveOptions;

  constructor(connection: Connection, commands: Commands, trace: Trace, options: DriveOptions) {
    this.connection = connection;
    this.commands = commands;
    this.trace = trace;
    this.options = options;
  }

  /**
   * As fast as it goes: the server's clock shows the time of a batch's first request while the batch runs. It moves a
   * timer period at a time at most, with a command in between, or the server would miss ticks.
   */
  async byTraceClock(clock: TraceClock): Promise<Recording> {
    const { trace, options } = this;
    const batches = new PeriodBatches(trace, options);
    const startMs = clock.nowMs;
    while (this.row < trace.rows) {
      options.signal.throwIfAborted();
      const atMs = startMs + trace.times[this.row] * trace.tickMs;
      while (clock.nowMs + options.periodMs < atMs) {
        clock.set(clock.nowMs + options.periodMs);
        await this.connection.batch([['PING']]);
      }
      clock.set(atMs);
      await this.sendBatch(batches.endOf(this.row, trace.rows));
    }
    batches.release();
    return { epochSeconds: startMs / 1000 };
  }

  /** At the trace's own pace: every batch is what is due. `startMs` is the server's unix time now. */
  async inRealTime(startMs: number): Promise<Recording> {
    const { trace, options } = this;
    const batches = new PeriodBatches(trace, { ...options, periodMs: Infinity });
    const timesMs = new Uint32Array(new SharedArrayBuffer(trace.rows * 4));
    const batchEnds = new Uint32Array(new SharedArrayBuffer(trace.rows * 4));
    const epochSeconds = Math.floor(startMs / 1000);
    const offsetMs = startMs - epochSeconds * 1000;
    const started = performance.now();
    let batch = 0;
    let due = 0;
    while (this.row < trace.rows) {
      options.signal.throwIfAborted();
      const elapsedMs = performance.now() - started;
      while (due < trace.rows && trace.times[due] * trace.tickMs <= elapsedMs) due++;
      if (due === this.row) {
        const waitMs = trace.times[due] * trace.tickMs - elapsedMs;
        await sleep(Math.min(waitMs, 1000));
        continue;
      }
      const end = batches.endOf(this.row, due);
      timesMs.fill(offsetMs + elapsedMs, this.row, end);
      batchEnds[batch++] = end;
      await this.sendBatch(end);
    }
    batches.release();
    return { epochSeconds, sent: { timesMs, batchEnds } };
  }

  /** Sends the rows up to `end` (excluded), then the SETs that fill the misses among them. */
  private async sendBatch(end: number): Promise<void> {
    const { commands, connection, options, trace } = this;
    const first = this.row;
    const batch = [];
    for (let row = first; row < end; row++) batch.push(commands.of(row));
    const replies = await connection.batch(batch);
    this.row = end;
    const fills = [];
    for (let i = 0; i < replies.length; i++) {
      const op = trace.ops[first + i];
      const isLookup = op === GET || op === TOUCH;
      if (this.count(replies[i], isLookup) && op === GET && options.fillsMisses) {
        fills.push(commands.set(first + i));
      }
    }
    if (fills.length === 0) return;
    for (const reply of await connection.batch(fills)) this.count(reply, false);
  }

  /** Counts a reply; true if it is a miss. */
  private count(reply: Reply | ErrorReply, isLookup: boolean): boolean {
    if (reply instanceof ErrorReply) {
      this.countError(reply.message);
      return false;
    }
    if (!isLookup) return false;
    const isMiss = reply === null || reply === 0;
    if (isMiss) this.misses++;
    else this.hits++;
    return isMiss;
  }

  private countError(message: string): void {
    if (message.startsWith('OOM')) {
      this.oomErrors++;
    } else if (/^(?:READONLY|MISCONF|NOPERM|LOADING|MASTERDOWN|NOREPLICAS|NOAUTH)/.test(message)) {
      throw new ServerFailure(`${this.connection.address.shown} refuses commands: ${message}`);
    } else {
      if (this.refused++ === 0) this.firstRefusal = message;
    }
  }
}
