import { policyNamed } from '../policies/registry.ts';
import type { Cell } from '../replay/cell.ts';
import { answersFor, leastOf, type Need, type PolicyAnswer } from './answer.ts';
import { addSizes, curvesOf, type Curve } from './curve.ts';
import type { TraceFacts } from './facts.ts';
import { refusesWrites } from './point.ts';
import { SAMPLES, type Simulator } from './simulator.ts';
import type { Target } from './target.ts';
import { verify, type Verified } from './verified.ts';

/** The answer for one server. */
export interface ServerSizing {
  readonly server: string;
  readonly curves: readonly Curve[];
  /** Empty when sizes were given and nothing else was asked. */
  readonly answers: readonly PolicyAnswer[];
  readonly best: Need | undefined;
  /** No different from the best. */
  readonly same: readonly Need[];
  readonly verified: Verified | undefined;
  /** Larger sizes were not full when counting began; Infinity when all were. */
  readonly soundBytes: number;
}

/** What was asked, and what came out: all that reports show. */
export interface Sizing {
  readonly workload: string;
  readonly requests: number;
  readonly keys: number;
  readonly facts: TraceFacts;
  readonly weight: number;
  /** Samples at a point; 0 = everything was run whole. */
  readonly samples: number;
  readonly targets: readonly Target[];
  readonly servers: readonly ServerSizing[];
}

/** Runs one policy may take, for progress: a bound, few take as many. */
export const RUNS_AT_MOST = 16 * SAMPLES;

export interface SizingOptions {
  readonly targets: readonly Target[];
  /** Sizes to look at, instead of those the curves ask for. */
  readonly sizes: readonly number[];
  readonly verifies: boolean;
}

/** Curves, answers and verification for the cells of one server. */
export async function sizeServer(
  simulator: Simulator,
  cells: readonly Cell[],
  { targets, sizes, verifies }: SizingOptions,
): Promise<ServerSizing> {
  const [first] = cells;
  const server = first.server;
  const none = { answers: [], best: undefined, same: [], verified: undefined };
  if (sizes.length > 0) {
    const fixedBytes = await simulator.fixedBytes(first);
    const empty = cells.map((cell) => ({ cell, fixedBytes, points: [] }));
    const curves = await addSizes(simulator, empty, () => sizes);
    return { server, curves, ...none, soundBytes: await simulator.soundBytes(first) };
  }
  const rough = await curvesOf(simulator, cells);
  if (rough.length < cells.length) return { server, curves: rough, ...none, soundBytes: 0 };
  const { curves, answers } = await answersFor(simulator, rough, targets);
  const { best, same } = leastOf(answers.filter(isCache));
  const verified =
    verifies && best !== undefined ? await verify(simulator, best, targets) : undefined;
  return {
    server,
    curves,
    answers,
    best,
    same,
    verified,
    soundBytes: await simulator.soundBytes(first),
  };
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
