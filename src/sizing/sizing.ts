import { policyNamed } from '../policies/registry.ts';
import type { Cell } from '../replay/cell.ts';
import { answersFor, leastOf, type Need, type PolicyAnswer } from './answer.ts';
import { addSizes, curvesOf, type Curve } from './curve.ts';
import type { TraceFacts } from './facts.ts';
import { refusesWrites } from './point.ts';
import { type RamOptions, type RamToProvide, ramToProvide } from './ram.ts';
import type { Unlimited } from './server-frame.ts';
import type { Simulator } from './simulator.ts';
import type { Target } from './target.ts';
import { tune, type Tuning } from './tune.ts';
import { verify, type Verified } from './verified.ts';

/** The settings tried at one point. */
export interface PointTuning {
  readonly cell: Cell;
  readonly tunings: readonly Tuning[];
}

/** The answer for one server. */
export interface ServerSizing {
  readonly server: string;
  /** What the TTLs were multiplied by. */
  readonly ttlScale: number;
  /** Memory and counts without a limit; undefined when interrupted. */
  readonly unlimited: Unlimited | undefined;
  readonly curves: readonly Curve[];
  /** Empty when sizes were given and nothing else was asked. */
  readonly answers: readonly PolicyAnswer[];
  readonly best: Need | undefined;
  /** No different from the best. */
  readonly same: readonly Need[];
  readonly verified: Verified | undefined;
  /** For the answer; undefined unless a whole run confirmed it. */
  readonly ram: RamToProvide | undefined;
  /** What settings would change at the answer, or at each point of sizes that were given. */
  readonly tunings: readonly PointTuning[];
  /** Larger sizes were not full when counting began; Infinity when all were. */
  readonly soundBytes: number;
}

/** What was asked, and what came out: all that reports show. */
export interface Sizing {
  readonly workload: string;
  /** What is different from the source, in the words of the command line. */
  readonly changes: readonly string[];
  readonly requests: number;
  readonly keys: number;
  readonly facts: TraceFacts;
  readonly targets: readonly Target[];
  readonly servers: readonly ServerSizing[];
}

export interface SizingOptions {
  readonly targets: readonly Target[];
  /** Sizes to look at, instead of those the curves ask for. */
  readonly sizes: readonly number[];
  readonly verifies: boolean;
  /** Whether settings are tried at the answer, or at the sizes. */
  readonly tunes: boolean;
  readonly ttlScale: number;
  readonly ram: RamOptions;
}

/** Curves, answers and verification for the cells of one server. */
export async function sizeServer(
  simulator: Simulator,
  cells: readonly Cell[],
  { targets, sizes, verifies, tunes, ttlScale, ram: ramOptions }: SizingOptions,
): Promise<ServerSizing> {
  const [first] = cells;
  const unlimited = await simulator.unlimited(first);
  const about = { server: first.server, ttlScale, unlimited };
  const none = {
    answers: [],
    best: undefined,
    same: [],
    verified: undefined,
    ram: undefined,
    tunings: [],
  };
  if (sizes.length > 0) {
    const fixedBytes = await simulator.fixedBytes(first);
    const empty = cells.map((cell) => ({ cell, fixedBytes, points: [] }));
    const curves = await addSizes(simulator, empty, () => sizes);
    const points = curves.flatMap((curve) => curve.points.map(({ cell }) => cell));
    const tunings = tunes ? await tuneAll(simulator, points) : [];
    return { ...about, curves, ...none, tunings, soundBytes: await simulator.soundBytes(first) };
  }
  const rough = await curvesOf(simulator, cells);
  if (rough.length < cells.length) return { ...about, curves: rough, ...none, soundBytes: 0 };
  const { curves, answers } = await answersFor(simulator, rough, targets);
  const { best, same } = leastOf(answers.filter(isCache));
  const verified =
    verifies && best !== undefined ? await verify(simulator, best, targets) : undefined;
  const ram = verified?.meetsTargets
    ? await ramToProvide(simulator, verified.point.cell, ramOptions)
    : undefined;
  const chosen = verified?.point.cell ?? best?.at.cell;
  const tunings = tunes && chosen !== undefined ? await tuneAll(simulator, [chosen]) : [];
  return {
    ...about,
    curves,
    answers,
    best,
    same,
    verified,
    ram,
    tunings,
    soundBytes: await simulator.soundBytes(first),
  };
}

async function tuneAll(simulator: Simulator, cells: readonly Cell[]): Promise<PointTuning[]> {
  const all: PointTuning[] = [];
  for (const cell of cells) all.push({ cell, tunings: await tune(simulator, cell) });
  return all;
}

/** Not what no server has, and not a policy that at this size refuses writes: neither can be recommended. */
function isCache(answer: PolicyAnswer): boolean {
  const { policy } = answer.curve.cell;
  return (
    answer.kind === 'need' &&
    policyNamed(policy).family === 'server' &&
    policy !== 'noeviction' &&
    !refusesWrites(answer.at)
  );
}
