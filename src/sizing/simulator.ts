import { footprintBytes } from '../engine/footprint.ts';
import type { Cell, CellResult } from '../replay/cell.ts';
import type { PlannedCell } from '../replay/plan.ts';
import type { Workers } from '../replay/pool.ts';
import { serverNamed } from '../servers/registry.ts';
import { firstRows } from '../trace/first-rows.ts';
import type { Trace } from '../trace/trace.ts';
import { traceFacts, type TraceFacts } from './facts.ts';
import { miniatureCell } from './miniature.ts';
import type { Counts, CurvePoint } from './point.ts';
import { sampleKeys, type Sample } from './sampling.ts';
import { scaleOf, type Scale } from './scale.ts';
import { twinOf, withoutIdlePolicy } from './same-policy.ts';
import { countsOf, scaledUp } from './scaled-up.ts';
import { headroomApart } from './headroom-apart.ts';
import type { HeadroomOptions, TraceHeadroom } from './trace-headroom.ts';
import { isSampled, SAMPLES, weightFor } from './weight.ts';

/** Seeds of the server's dice where the whole workload is replayed. */
const WHOLE_SEEDS = 3;

export interface SimulatorOptions {
  readonly workers: Workers;
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
  /** Keys in memory at the end. */
  readonly keys: number;
}

/** What a server needs to know only once. */
interface ServerFrame {
  readonly whole: Scale;
  /** Bytes that the keys of the warm-up fill. */
  readonly filledBytes: number;
  readonly unlimited: Unlimited;
}

/** What a server needs to know only once of the samples of one weight. */
interface SampleFrame {
  readonly weight: number;
  readonly samples: readonly Sample[];
  readonly own: readonly Scale[];
  /** The samples without a limit. */
  readonly unlimited: readonly CellResult[];
}

/**
 * Runs cells of one workload: whole when it is small, else in miniature on {@link SAMPLES} samples. A sample tells what
 * a limit leaves of the hits; how many there are without one is taken from a run of the whole, so that the samples' share
 * of first requests and of expiries cancels out. Where a miniature refuses writes, who is in is a matter of who came first, and
 * one hot key stands for a whole run of them: such cells are run whole.
 */
export class Simulator {
  readonly trace: Trace;
  readonly facts: TraceFacts;
  /** Whether everything is run whole. */
  readonly isExact: boolean;
  /** Rows replayed so far, for the record. */
  rowsReplayed = 0;
  private readonly options: SimulatorOptions;
  private readonly samples = new Map<number, readonly Sample[]>();
  private readonly frames = new Map<string, ServerFrame>();
  private readonly sampleFrames = new Map<string, SampleFrame>();
  private readonly points = new Map<string, CurvePoint>();

  constructor(trace: Trace, options: SimulatorOptions) {
    this.trace = trace;
    this.options = options;
    this.facts = traceFacts(trace, options.warmupRows);
    this.isExact = options.exact || !isSampled(trace.keyCount);
  }

  /** The point of each cell, in order; undefined for those an interrupt came before. */
  async run(cells: readonly Cell[]): Promise<(CurvePoint | undefined)[]> {
    const wanted = cells.map((cell) => withoutIdlePolicy(cell, this.facts));
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
    return done.map((result, i) => this.point(cells[i], 1, [countsOf(result)]));
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

  private async runMissing(cells: readonly Cell[]): Promise<void> {
    const isWhole = (cell: Cell): boolean => this.isExact || cell.policy === 'noeviction';
    const sampled = cells.filter((cell) => !isWhole(cell));
    const refusing = await this.runSampled(sampled);
    await this.runWholes([...cells.filter(isWhole), ...refusing]);
  }

  /** Answers with the cells that refused writes. */
  private async runSampled(cells: readonly Cell[]): Promise<Cell[]> {
    const twins = cells.map((cell) => twinOf(cell, this.facts));
    const refusing = new Set<string>();
    const planned: { key: string; cell: Cell; frame: SampleFrame }[] = [];
    for (const [key, cell] of new Map(twins.map((twin) => [keyOf(twin), twin]))) {
      const known = this.points.get(key);
      if (known?.weight === 1) refusing.add(key);
      if (known !== undefined) continue;
      const frame = await this.sampleFrameOf(cell, this.weightOf(cell));
      if (frame === undefined) return [];
      planned.push({ key, cell, frame });
    }
    const results = await this.runAll(
      planned.flatMap(({ cell, frame }) => this.miniatures(cell, frame)),
    );
    for (const [at, { key, cell, frame }] of planned.entries()) {
      const own = results.slice(at * SAMPLES, (at + 1) * SAMPLES);
      const done = own.filter((result) => result !== undefined);
      if (done.length < SAMPLES) continue;
      if (done.some((result) => result.oomErrors > 0)) refusing.add(key);
      else this.points.set(key, this.sampledPoint(cell, frame, done));
    }
    for (const [at, cell] of cells.entries()) {
      const point = this.points.get(keyOf(twins[at]));
      if (point !== undefined && point.weight > 1) this.points.set(keyOf(cell), { ...point, cell });
    }
    return cells.filter((_, at) => refusing.has(keyOf(twins[at])));
  }

  private sampledPoint(
    cell: Cell,
    { weight, unlimited }: SampleFrame,
    results: readonly CellResult[],
  ): CurvePoint {
    const { counts } = this.frames.get(serverKey(cell))!.unlimited;
    const { facts } = this;
    const runs = results.map((limited, i) =>
      scaledUp(counts, { unlimited: unlimited[i], limited }, { weight, facts }),
    );
    return this.point(cell, weight, runs);
  }

  private async runWholes(cells: readonly Cell[]): Promise<void> {
    const seeds = this.isExact ? WHOLE_SEEDS : 1;
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
        this.points.set(keyOf(cell), this.point(cell, 1, done.map(countsOf)));
    }
  }

  private point(cell: Cell, weight: number, runs: readonly Counts[]): CurvePoint {
    const { filledBytes, unlimited } = this.frames.get(serverKey(cell))!;
    const limit = cell.maxmemoryBytes;
    return { cell, weight, runs, isFilled: limit <= filledBytes || limit >= unlimited.peakBytes };
  }

  private weightOf(cell: Cell): number {
    const { whole, unlimited } = this.frames.get(serverKey(cell))!;
    const share =
      (cell.maxmemoryBytes - whole.fixedBytes) / (unlimited.peakBytes - whole.fixedBytes);
    return weightFor(this.trace, share * unlimited.keys, this.facts.hasTtl);
  }

  private async frameOf(cell: Cell): Promise<ServerFrame | undefined> {
    const known = this.frames.get(serverKey(cell));
    if (known !== undefined) return known;
    const { trace, facts } = this;
    const whole = scaleOf(trace, cell);
    const [all] = await this.runAll([{ trace, cell: this.unlimitedCell(cell) }]);
    if (all === undefined) return undefined;
    const warm = firstRows(trace, facts.warmupRows);
    const profile = serverNamed(cell.server);
    const frame = {
      whole,
      filledBytes: whole.fixedBytes + footprintBytes(warm, profile, cell.allocator),
      unlimited: { counts: countsOf(all), peakBytes: all.peakMemoryBytes, keys: all.keys },
    };
    this.frames.set(serverKey(cell), frame);
    return frame;
  }

  private async sampleFrameOf(cell: Cell, weight: number): Promise<SampleFrame | undefined> {
    const key = `${weight} ${serverKey(cell)}`;
    const known = this.sampleFrames.get(key);
    if (known !== undefined) return known;
    const samples = this.samplesOnce(weight);
    const own = samples.map((sample) => scaleOf(sample.trace, cell));
    const empty = { weight, samples, own, unlimited: [] };
    const results = await this.runAll(this.miniatures(this.unlimitedCell(cell), empty));
    const unlimited = results.filter((result) => result !== undefined);
    if (unlimited.length < SAMPLES) return undefined;
    const frame = { ...empty, unlimited };
    this.sampleFrames.set(key, frame);
    return frame;
  }

  private unlimitedCell(cell: Cell): Cell {
    return { ...cell, policy: 'noeviction', maxmemoryBytes: 0, seed: this.options.seed };
  }

  /** The cell on each sample. */
  private miniatures(cell: Cell, { weight, samples, own }: SampleFrame): PlannedCell[] {
    const { whole } = this.frames.get(serverKey(cell))!;
    return samples.map((sample, i) => {
      const seed = this.options.seed + i;
      const miniature = miniatureCell(cell, sample, { weight, whole, own: own[i], seed });
      return { trace: sample.trace, cell: miniature };
    });
  }

  private samplesOnce(weight: number): readonly Sample[] {
    const known = this.samples.get(weight);
    if (known !== undefined) return known;
    const samples = sampleKeys(this.trace, {
      weight,
      count: SAMPLES,
      salt: this.options.seed,
      warmupRows: this.facts.warmupRows,
    });
    this.samples.set(weight, samples);
    return samples;
  }

  /** undefined for what an interrupt came before; throws what a run has failed with. */
  private async runAll(planned: readonly PlannedCell[]): Promise<(CellResult | undefined)[]> {
    if (planned.length === 0) return [];
    const { workers, onRun } = this.options;
    const outcomes = await workers.runAll(planned, () => onRun?.());
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

const keyOf = (cell: Cell): string => JSON.stringify(cell);

/** Settings that decide what a server does without a limit, and what its bytes are. */
const serverKey = ({ server, allocator, activeExpireEffort }: Cell): string =>
  JSON.stringify([server, allocator, activeExpireEffort]);
