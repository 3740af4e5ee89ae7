import { footprintBytes } from '../engine/footprint.ts';
import type { Cell, CellResult } from '../replay/cell.ts';
import type { PlannedCell } from '../replay/plan.ts';
import { runCells } from '../replay/pool.ts';
import { serverNamed } from '../servers/registry.ts';
import { firstRows } from '../trace/first-rows.ts';
import type { Trace } from '../trace/trace.ts';
import { traceFacts, type TraceFacts } from './facts.ts';
import { miniatureCell } from './miniature.ts';
import type { Counts, CurvePoint } from './point.ts';
import { sampleKeys, type Sample } from './sampling.ts';
import { scaleOf, type Scale } from './scale.ts';
import { headroomApart } from './headroom-apart.ts';
import type { HeadroomOptions, TraceHeadroom } from './trace-headroom.ts';

/** Samples at a point: enough for an interval, few enough to pay. */
export const SAMPLES = 4;
/** Keys of a sample, at least: with fewer the error grows quickly (docs/sizing.md). */
export const SAMPLED_KEYS = 4096;
/** Seeds of the server's dice where the whole workload is replayed. */
const WHOLE_SEEDS = 3;

export interface SimulatorOptions {
  readonly jobs: number;
  readonly signal: AbortSignal;
  /** Of the samples, and the first of the server's. */
  readonly seed: number;
  readonly warmupRows: number;
  /** Replays everything, whatever it takes. */
  readonly exact: boolean;
  /** A run of `rows` rows has finished. */
  readonly onRun?: () => void;
}

/** The workload without a limit on one server: where every curve ends. */
export interface Unlimited {
  readonly counts: Counts;
  /** The highest `used_memory`: from here on nothing is evicted. */
  readonly peakBytes: number;
}

/** What a server needs to know only once. */
interface ServerFrame {
  readonly whole: Scale;
  readonly own: readonly Scale[];
  /** Bytes that the keys of the warm-up fill. */
  readonly filledBytes: number;
  readonly unlimited: Unlimited;
  readonly unlimitedSamples: readonly CellResult[];
}

/**
 * Runs cells of one workload: whole when it is small, else in miniature on {@link SAMPLES} samples. A sample tells what
 * a limit changes; what there is without one is taken from a run of the whole, so that the samples' share of first
 * requests and of expiries cancels out. Where a miniature refuses writes, who is in is a matter of who came first, and
 * one hot key stands for a whole run of them: such cells are run whole.
 */
export class Simulator {
  readonly trace: Trace;
  readonly facts: TraceFacts;
  /** Keys of the workload for one of a sample; 1 = everything is run whole. */
  readonly weight: number;
  /** Rows replayed so far, for the record. */
  rowsReplayed = 0;
  private readonly options: SimulatorOptions;
  private samples: readonly Sample[] | undefined;
  private readonly frames = new Map<string, ServerFrame>();
  private readonly points = new Map<string, CurvePoint>();

  constructor(trace: Trace, options: SimulatorOptions) {
    this.trace = trace;
    this.options = options;
    this.facts = traceFacts(trace, options.warmupRows);
    this.weight = options.exact ? 1 : weightFor(trace.keyCount);
  }

  /** The point of each cell, in order; undefined for those an interrupt came before. */
  async run(cells: readonly Cell[]): Promise<(CurvePoint | undefined)[]> {
    const wanted = cells.map((cell) => this.asRun(cell));
    const missing = [...new Map(wanted.map((cell) => [keyOf(cell), cell])).values()].filter(
      (cell) => !this.points.has(keyOf(cell)),
    );
    for (const cell of missing) await this.frameOf(cell);
    if (!this.isAborted()) await this.runMissing(missing);
    return cells.map((cell, i) => {
      const point = this.points.get(keyOf(wanted[i]));
      return point && { ...point, cell };
    });
  }

  /** Runs of the whole workload, one for each cell, whatever the samples say; undefined when interrupted. */
  async runWhole(cells: readonly Cell[]): Promise<CurvePoint[] | undefined> {
    const results = await this.runAll(cells.map((cell) => ({ trace: this.trace, cell })));
    const done = results.filter((result) => result !== undefined);
    if (done.length < cells.length) return undefined;
    return done.map((result, i) => this.point(cells[i], 'whole', [countsOf(result)]));
  }

  /** The workload without a limit on the cell's server; undefined when interrupted. */
  async unlimited(cell: Cell): Promise<Unlimited | undefined> {
    return (await this.frameOf(cell))?.unlimited;
  }

  /** Bytes of the cell's server that are no data. */
  async fixedBytes(cell: Cell): Promise<number> {
    return (await this.frameOf(cell))?.whole.fixedBytes ?? 0;
  }

  /** The largest maxmemory whose hit ratio is not that of a cache that still fills. */
  async soundBytes(cell: Cell): Promise<number> {
    const frame = await this.frameOf(cell);
    if (frame === undefined) return 0;
    return frame.filledBytes >= frame.unlimited.peakBytes ? Infinity : frame.filledBytes;
  }

  /** The RAM that the cell's maxmemory needs under the whole workload; undefined when interrupted. */
  async headroom(cell: Cell, options: HeadroomOptions): Promise<TraceHeadroom | undefined> {
    return headroomApart(this.trace, cell, options, this.options.signal);
  }

  /** Without a single TTL, policies that evict keys with one alone have nothing to evict. */
  private asRun(cell: Cell): Cell {
    const isIdle = !this.facts.hasTtl && cell.policy.startsWith('volatile-');
    return isIdle ? { ...cell, policy: 'noeviction' } : cell;
  }

  private async runMissing(cells: readonly Cell[]): Promise<void> {
    const isWhole = (cell: Cell): boolean => this.weight === 1 || cell.policy === 'noeviction';
    const sampled = cells.filter((cell) => !isWhole(cell));
    const refusing = await this.runSampled(sampled);
    await this.runWholes([...cells.filter(isWhole), ...refusing]);
  }

  /** Answers with the cells that refused writes. */
  private async runSampled(cells: readonly Cell[]): Promise<Cell[]> {
    if (cells.length === 0) return [];
    const samples = this.samplesOnce();
    const results = await this.runAll(
      cells.flatMap((cell) => samples.map((_, i) => this.planned(cell, i))),
    );
    return cells.filter((cell, at) => {
      const own = results.slice(at * samples.length, (at + 1) * samples.length);
      const done = own.filter((result) => result !== undefined);
      if (done.length < samples.length) return false;
      if (done.some((result) => result.oomErrors > 0)) return true;
      const { unlimited, unlimitedSamples } = this.frames.get(serverKey(cell))!;
      const runs = done.map((result, i) =>
        scaledUp(unlimited.counts, unlimitedSamples[i], result, this),
      );
      this.points.set(keyOf(cell), this.point(cell, 'sampled', runs));
      return false;
    });
  }

  private async runWholes(cells: readonly Cell[]): Promise<void> {
    const seeds = this.weight === 1 ? WHOLE_SEEDS : 1;
    const results = await this.runAll(
      cells.flatMap((cell) =>
        Array.from({ length: seeds }, (_, i) => ({
          trace: this.trace,
          cell: { ...cell, seed: this.options.seed + i },
        })),
      ),
    );
    for (const [at, cell] of cells.entries()) {
      const done = results.slice(at * seeds, (at + 1) * seeds).filter((r) => r !== undefined);
      if (done.length === seeds)
        this.points.set(keyOf(cell), this.point(cell, 'whole', done.map(countsOf)));
    }
  }

  private point(cell: Cell, method: CurvePoint['method'], runs: readonly Counts[]): CurvePoint {
    const { filledBytes, unlimited } = this.frames.get(serverKey(cell))!;
    const limit = cell.maxmemoryBytes;
    return { cell, method, runs, isFilled: limit <= filledBytes || limit >= unlimited.peakBytes };
  }

  private async frameOf(cell: Cell): Promise<ServerFrame | undefined> {
    const known = this.frames.get(serverKey(cell));
    if (known !== undefined) return known;
    const { trace, facts } = this;
    const whole = scaleOf(trace, cell);
    const samples = this.weight === 1 ? [] : this.samplesOnce();
    const own = samples.map((sample) => scaleOf(sample.trace, cell));
    const free = { ...cell, policy: 'noeviction', maxmemoryBytes: 0, seed: this.options.seed };
    const [all, ...unlimitedSamples] = await this.runAll([
      { trace, cell: free },
      ...samples.map((sample, i) => ({
        trace: sample.trace,
        cell: miniatureCell(free, sample, {
          weight: this.weight,
          whole,
          own: own[i],
          facts,
          seed: this.options.seed + i,
        }),
      })),
    ]);
    if (all === undefined || unlimitedSamples.includes(undefined)) return undefined;
    const warm = firstRows(trace, facts.warmupRows);
    const profile = serverNamed(cell.server);
    const frame = {
      whole,
      own,
      filledBytes: whole.fixedBytes + footprintBytes(warm, profile, cell.allocator),
      unlimited: { counts: countsOf(all), peakBytes: all.peakMemoryBytes },
      unlimitedSamples: unlimitedSamples.filter((result) => result !== undefined),
    };
    this.frames.set(serverKey(cell), frame);
    return frame;
  }

  private planned(cell: Cell, index: number): PlannedCell {
    const sample = this.samplesOnce()[index];
    const { whole, own } = this.frames.get(serverKey(cell))!;
    const seed = this.options.seed + index;
    const { weight, facts } = this;
    return {
      trace: sample.trace,
      cell: miniatureCell(cell, sample, { weight, whole, own: own[index], facts, seed }),
    };
  }

  private samplesOnce(): readonly Sample[] {
    this.samples ??= sampleKeys(this.trace, {
      weight: this.weight,
      count: SAMPLES,
      salt: this.options.seed,
      warmupRows: this.facts.warmupRows,
    });
    return this.samples;
  }

  /** undefined for what an interrupt came before; throws what a run has failed with. */
  private async runAll(planned: readonly PlannedCell[]): Promise<(CellResult | undefined)[]> {
    if (planned.length === 0) return [];
    const { jobs, signal, onRun } = this.options;
    const outcomes = await runCells(planned, { jobs, signal, onDone: () => onRun?.() });
    for (const { trace } of planned) this.rowsReplayed += trace.rows;
    return outcomes.map((outcome) => {
      if (outcome.state === 'failed') throw outcome.error;
      return outcome.state === 'done' ? outcome.result : undefined;
    });
  }

  private isAborted(): boolean {
    return this.options.signal.aborted;
  }
}

/** The largest power of two that leaves a sample {@link SAMPLED_KEYS} keys; 1 where samples would be most of the whole. */
export function weightFor(keys: number): number {
  const weight = 2 ** Math.floor(Math.log2(Math.max(1, keys / SAMPLED_KEYS)));
  return weight >= SAMPLES ? weight : 1;
}

function countsOf(result: CellResult): Counts {
  const { misses, hitBytes, lookupBytes, evictedKeys, expiredKeys, oomErrors } = result;
  return { misses, missBytes: lookupBytes - hitBytes, evictedKeys, expiredKeys, oomErrors };
}

/** What the limit changes in a sample, scaled up, on top of what there is without one. */
function scaledUp(
  unlimited: Counts,
  unlimitedSample: CellResult,
  sample: CellResult,
  { weight, facts }: { weight: number; facts: TraceFacts },
): Counts {
  const [before, after] = [countsOf(unlimitedSample), countsOf(sample)];
  const of = (count: keyof Counts, most = Infinity): number =>
    Math.min(most, Math.max(0, unlimited[count] + weight * (after[count] - before[count])));
  return {
    misses: of('misses', facts.lookups),
    missBytes: of('missBytes', facts.lookupBytes),
    evictedKeys: of('evictedKeys'),
    expiredKeys: of('expiredKeys'),
    oomErrors: of('oomErrors'),
  };
}

const keyOf = (cell: Cell): string => JSON.stringify(cell);

/** Settings that decide what a server does without a limit, and what its bytes are. */
const serverKey = ({ server, allocator, activeExpireEffort }: Cell): string =>
  JSON.stringify([server, allocator, activeExpireEffort]);
