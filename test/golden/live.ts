import { inspect, type Inspection, type Replayed } from '../../src/live/measure.ts';
import { ownServers, type ServerSource } from '../../src/live/live-server.ts';
import { serverBinary } from '../../src/live/server-binary.ts';
import { buildClockLibrary } from '../../src/live/trace-clock.ts';
import { verify, type Verified } from '../../src/live/verify.ts';
import type { Cell } from '../../src/replay/cell.ts';
import type { ServerProfile } from '../../src/servers/profile.ts';
import type { Trace } from '../../src/trace/trace.ts';
import { goldenTrace } from './data.ts';

/** The traces of hit_ratio.csv and the limit each was replayed under, bytes. */
const MAXMEMORY_OF = {
  'zipf-no-ttl': 5_000_000,
  'zipf-mixed-ttl': 6_000_000,
  'shift-all-ttl': 5_000_000,
} as const;
const PIPELINE = 16;
const EPOCH_SECONDS = 1_700_000_000;

type GoldenTraceName = keyof typeof MAXMEMORY_OF;

/** All of them, or the one of that name. */
export function goldenTraceNames(only?: string): GoldenTraceName[] {
  const names = Object.keys(MAXMEMORY_OF) as GoldenTraceName[];
  return names.filter((name) => only === undefined || name === only);
}

/** A server program on this machine, and what it is. */
export interface LiveBuild {
  readonly source: ServerSource;
  readonly inspection: Inspection;
}

/** The policies to replay a trace under: without TTLs, all volatile ones do the same and one of them is enough. */
export function policiesFor(profile: ServerProfile, trace: GoldenTraceName): string[] {
  return profile.policies.filter(
    (policy) =>
      trace !== 'zipf-no-ttl' || !policy.startsWith('volatile-') || policy === 'volatile-lru',
  );
}

/** Starts a server program once under a clock that follows the trace. Throws where that can't be had. */
export async function openBuild(
  command: string,
  folder: string,
  signal: AbortSignal,
): Promise<LiveBuild> {
  const library = await buildClockLibrary(folder);
  if (library.state === 'missing') throw new Error(`no trace clock: ${library.reason}`);
  const traceClock = { library: library.file, epochMs: EPOCH_SECONDS * 1000 };
  const binary = await serverBinary(command);
  const source = ownServers({ binary, folder, port: undefined, traceClock });
  const inspection = await inspect(source, replayed(await goldenTrace('zipf-no-ttl')), signal);
  if (inspection.clockProblem !== undefined) {
    throw new Error(`${command}: no trace clock: ${inspection.clockProblem}`);
  }
  return { source, inspection };
}

/** One trace under one policy: `repeats` fresh servers, then as many seeds of the engine as `seeds` says. */
export async function replayLive(
  { source, inspection }: LiveBuild,
  name: GoldenTraceName,
  policy: string,
  { repeats, seeds, signal }: { repeats: number; seeds: number; signal: AbortSignal },
): Promise<Verified> {
  const trace = await goldenTrace(name);
  const { profile, allocator } = inspection.identity;
  const cells = Array.from({ length: seeds }, (_, seed): Cell => ({
    workload: name,
    server: profile.name,
    allocator,
    policy,
    maxmemoryBytes: MAXMEMORY_OF[name],
    maxmemorySamples: 5,
    lfuLogFactor: 10,
    lfuDecayTime: 1,
    hz: 10,
    activeExpireEffort: 1,
    evictionTenacity: 10,
    onMiss: 'fill',
    pipeline: PIPELINE,
    epochSeconds: EPOCH_SECONDS,
    serverTime: 'none',
    seed,
    warmupRows: 0,
    timelineIntervalMs: 0,
  }));
  const [verified] = await verify({
    source,
    replayed: replayed(trace),
    profile,
    trace,
    cells: [cells],
    serverRepeats: repeats,
    lanes: 1,
    signal,
    onDone: () => undefined,
  });
  return verified;
}

function replayed(trace: Trace): Replayed {
  const warn = (message: string): void => {
    console.error(`warning: ${message}`);
  };
  return { trace, keyPrefix: '', allowsOthers: false, pipeline: PIPELINE, warn };
}
