import { hitRatio, type ColumnFormat } from './columns.ts';
import { spread } from './spread.ts';

/** The figures of one replay that are compared: of a real server or of the engine. */
export interface Replayed {
  readonly hits: number;
  readonly misses: number;
  readonly evictedKeys: number;
  readonly expiredKeys: number;
  readonly oomErrors: number;
  readonly keys: number;
  readonly usedMemoryBytes: number;
}

/** A figure both sides have, and how far they may be apart. */
interface FigureDefinition {
  readonly name: string;
  readonly format: ColumnFormat;
  readonly value: (run: Replayed) => number | undefined;
  /** For a server that shows `server`, the noise of repeats not included. */
  readonly tolerance: (server: number) => number;
}

const share =
  (part: number) =>
  (server: number): number =>
    part * server;

const FIGURES: readonly FigureDefinition[] = [
  { name: 'hit_ratio', format: 'ratio', value: hitRatio, tolerance: () => 0.0015 },
  {
    name: 'evicted_keys',
    format: 'count',
    value: (run) => run.evictedKeys,
    tolerance: share(0.015),
  },
  {
    name: 'expired_keys',
    format: 'count',
    value: (run) => run.expiredKeys,
    tolerance: (server) => Math.max(30, 0.03 * server),
  },
  {
    name: 'oom_errors',
    format: 'count',
    value: (run) => run.oomErrors,
    // Where only an empty sample refuses a write, it is by chance: of what a run shows none, up to three may be
    // expected (the rule of three, 95 %).
    tolerance: (server) => Math.max(3, 0.005 * server),
  },
  { name: 'keys', format: 'count', value: (run) => run.keys, tolerance: share(0.005) },
  {
    name: 'used_memory_bytes',
    format: 'count',
    value: (run) => run.usedMemoryBytes,
    // Buffers of other clients come and go in it.
    tolerance: (server) => Math.max(32_768, 0.005 * server),
  },
];

export interface Side {
  readonly mean: number;
  readonly sd: number;
  readonly runs: number;
}

export interface ComparedFigure {
  readonly name: string;
  readonly format: ColumnFormat;
  readonly server: Side;
  readonly engine: Side;
  /** Engine less server. */
  readonly difference: number;
  /** The figure's own, and twice the standard error that repeats of both leave. */
  readonly tolerance: number;
  readonly isWithin: boolean;
}

/** Two standard errors: one in twenty, as everywhere. */
const STANDARD_ERRORS = 2;

/**
 * Every figure of a server's runs beside the engine's. Both are granted the spread that their runs have in common: two or three
 * runs of a server alone say too little of it.
 */
export function compareRuns(
  serverRuns: readonly Replayed[],
  engineRuns: readonly Replayed[],
): ComparedFigure[] {
  return FIGURES.flatMap(({ name, format, value, tolerance }) => {
    const server = side(serverRuns, value);
    const engine = side(engineRuns, value);
    if (server === undefined || engine === undefined) return [];
    const standardError = pooledSd(server, engine) * Math.sqrt(1 / server.runs + 1 / engine.runs);
    const difference = engine.mean - server.mean;
    const allowed = tolerance(server.mean) + STANDARD_ERRORS * standardError;
    const isWithin = Math.abs(difference) <= allowed;
    return [{ name, format, server, engine, difference, tolerance: allowed, isWithin }];
  });
}

function pooledSd(a: Side, b: Side): number {
  const freedom = a.runs + b.runs - 2;
  if (freedom === 0) return 0;
  return Math.sqrt(((a.runs - 1) * a.sd ** 2 + (b.runs - 1) * b.sd ** 2) / freedom);
}

function side(runs: readonly Replayed[], value: FigureDefinition['value']): Side | undefined {
  const values = runs.map(value).filter((v) => v !== undefined);
  if (values.length === 0) return undefined;
  const { mean, sd, count } = spread(values);
  return { mean, sd, runs: count };
}
