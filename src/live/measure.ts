import { UsageError } from '../errors.ts';
import type { Cell } from '../replay/cell.ts';
import type { Trace } from '../trace/trace.ts';
import type { ServerProfile } from '../servers/profile.ts';
import { Commands } from './commands.ts';
import type { Connection } from './connection.ts';
import { Drive } from './drive.ts';
import { emptyLevel, usedMemory, warmUp } from './empty-level.ts';
import { identify, refuseUnfit, type Identity } from './identify.ts';
import { count, readInfo, type Info } from './info.ts';
import type { LiveServer, ServerSource } from './live-server.ts';
import { ServerConfig } from './server-config.ts';
import type { ServerRun } from './server-run.ts';

/** What is sent to a server, and under which conditions. */
export interface Replayed {
  /** As the server gets it: key lengths without the prefix. */
  readonly trace: Trace;
  readonly keyPrefix: string;
  /** Replay although the server holds keys of others. */
  readonly allowsOthers: boolean;
  readonly pipeline: number;
  readonly warn: (message: string) => void;
}

/** What a server is, before anything is replayed on it. */
export interface Inspection {
  readonly identity: Identity;
  readonly config: ServerConfig['original'];
  readonly emptyBytes: number;
  /** Why a trace clock can't work there; undefined if it does, or none is used. */
  readonly clockProblem: string | undefined;
}

/** Looks at a server, and leaves it as it was. Throws UsageError for one that is not fit for a replay. */
export async function inspect(
  source: ServerSource,
  replayed: Replayed,
  signal: AbortSignal,
): Promise<Inspection> {
  return withServer(source, signal, async (server) => {
    const { connection, clock } = server;
    const { keyPrefix, trace, pipeline, warn } = replayed;
    const info = await fitInfo(connection);
    await refuseKeys(connection, info, replayed);
    const config = await ServerConfig.read(connection);
    const identity = await identify(connection, info, probeKeyOf(keyPrefix), warn);
    const commands = new Commands(trace, keyPrefix);
    await warmUp(connection, commands, trace, pipeline, probeKeyOf(keyPrefix));
    const emptyBytes = await emptyLevel(connection, identity.profile);
    const clockProblem = clock && (await problemWithClock(connection, info, clock.nowMs));
    return { identity, config: config.original, emptyBytes, clockProblem };
  });
}

/** Replays a trace on a server under the settings of a cell. What it changed there is put back, keys are deleted. */
export async function measure(
  source: ServerSource,
  replayed: Replayed,
  cell: Cell,
  profile: ServerProfile,
  signal: AbortSignal,
): Promise<ServerRun> {
  return withServer(source, signal, async (server) => {
    const { connection } = server;
    const commands = new Commands(replayed.trace, replayed.keyPrefix);
    await refuseKeys(connection, await fitInfo(connection), replayed);
    if (!server.isOwn && replayed.allowsOthers)
      await refuseOurKeys(connection, commands, replayed.trace);
    const config = await ServerConfig.read(connection);
    const isFresh = server.isOwn;
    try {
      return await replayOn(server, replayed, commands, config, cell, profile, signal);
    } finally {
      if (!isFresh) await putBack(source, config, commands, replayed, signal);
    }
  });
}

async function replayOn(
  server: LiveServer,
  replayed: Replayed,
  commands: Commands,
  config: ServerConfig,
  cell: Cell,
  profile: ServerProfile,
  signal: AbortSignal,
): Promise<ServerRun> {
  const { connection, clock } = server;
  const { trace, keyPrefix } = replayed;
  await config.set({
    'maxmemory-policy': cell.policy,
    'maxmemory-samples': cell.maxmemorySamples,
    'maxmemory-eviction-tenacity': cell.evictionTenacity,
    'lfu-log-factor': cell.lfuLogFactor,
    'lfu-decay-time': cell.lfuDecayTime,
    hz: cell.hz,
    'active-expire-effort': cell.activeExpireEffort,
  });
  await warmUp(connection, commands, trace, cell.pipeline, probeKeyOf(keyPrefix));
  await config.rehearse();
  const emptyBytes = await emptyLevel(connection, profile);
  await config.set({ maxmemory: cell.maxmemoryBytes });
  const before = await readInfo(connection);
  const keysBefore = await keyCount(connection);
  const drive = new Drive(connection, commands, trace, {
    pipeline: cell.pipeline,
    periodMs: 1000 / cell.hz,
    fillsMisses: cell.onMiss === 'fill',
    signal,
  });
  const started = performance.now();
  const recording =
    clock === undefined
      ? await drive.inRealTime(await serverTimeMs(connection))
      : await drive.byTraceClock(clock);
  const elapsedMs = performance.now() - started;
  const keys = (await keyCount(connection)) - keysBefore;
  const usedMemoryBytes = await usedMemory(connection);
  const after = await readInfo(connection);
  if (drive.refused > 0) {
    replayed.warn(
      `${connection.address.shown} refused ${drive.refused} commands (${cell.policy}), the first with: ${drive.firstRefusal}`,
    );
  }
  return {
    hits: drive.hits,
    misses: drive.misses,
    evictedKeys: count(after, 'evicted_keys') - count(before, 'evicted_keys'),
    expiredKeys: count(after, 'expired_keys') - count(before, 'expired_keys'),
    oomErrors: drive.oomErrors,
    keys,
    usedMemoryBytes,
    emptyBytes,
    elapsedMs,
    recording,
  };
}

/** Runs `work` on a server of the source, which is released whatever happens. */
async function withServer<T>(
  source: ServerSource,
  signal: AbortSignal,
  work: (server: LiveServer) => Promise<T>,
): Promise<T> {
  const server = await source.open(signal);
  try {
    return await work(server);
  } catch (error) {
    throw await server.explain(error);
  } finally {
    await server.release();
  }
}

const probeKeyOf = (keyPrefix: string): string => `${keyPrefix}probe:of:evictlab`;

async function fitInfo(connection: Connection): Promise<Info> {
  const info = await readInfo(connection);
  refuseUnfit(info, connection.address.shown);
  return info;
}

/** Throws UsageError when there are keys of others, in any database: the limit counts them all. */
async function refuseKeys(connection: Connection, info: Info, replayed: Replayed): Promise<void> {
  if (replayed.allowsOthers) return;
  const databases = [...info].filter(([field]) => /^db\d+$/.test(field));
  if (databases.length === 0 && (await keyCount(connection)) === 0) return;
  const held = databases.map(
    ([name, value]) => `${name}: ${/keys=(\d+)/.exec(value)?.[1] ?? '?'} keys`,
  );
  throw new UsageError(
    `${connection.address.shown}: holds keys already (${held.join(', ')}). A replay fills it to its maxmemory, so it ` +
      `may evict them. Use an empty server, or say --allow-nonempty if that's all right.`,
  );
}

/** Throws UsageError when keys that the replay would write and then delete are there already. */
async function refuseOurKeys(
  connection: Connection,
  commands: Commands,
  trace: Trace,
): Promise<void> {
  for (const chunk of keyChunks(commands, trace)) {
    const present = await connection.ask('EXISTS', ...chunk);
    if (present === 0) continue;
    throw new UsageError(
      `${connection.address.shown}: has keys of the names the replay would use, such as ${chunk[0]}. ` +
        `Choose another --key-prefix.`,
    );
  }
}

async function keyCount(connection: Connection): Promise<number> {
  return Number(await connection.ask('DBSIZE'));
}

async function serverTimeMs(connection: Connection): Promise<number> {
  const [reply] = await connection.batch([['TIME']]);
  if (!Array.isArray(reply)) return performance.timeOrigin + performance.now();
  return Number(reply[0]) * 1000 + Number(reply[1]) / 1000;
}

async function problemWithClock(
  connection: Connection,
  info: Info,
  expectedMs: number,
): Promise<string | undefined> {
  const shownMs = await serverTimeMs(connection);
  if (Math.abs(shownMs - expectedMs) > 1000) return 'the server does not take its time from it';
  const clock = info.get('monotonic_clock');
  // On such processors the server reads a register instead of asking the system.
  if (clock !== undefined && !clock.startsWith('POSIX')) return `its timers run by ${clock}`;
  return undefined;
}

/** Restores the configuration and deletes every key a replay may have written; over a new connection if need be. */
async function putBack(
  source: ServerSource,
  config: ServerConfig,
  commands: Commands,
  { trace, warn }: Replayed,
  signal: AbortSignal,
): Promise<void> {
  try {
    // The replay's own connection may be what failed.
    const server = await source.open(signal);
    try {
      await config.restore(server.connection);
      for (const chunk of keyChunks(commands, trace)) await server.connection.ask('DEL', ...chunk);
    } finally {
      await server.release();
    }
  } catch (error) {
    const names = `${commands.key(0)} …`;
    warn(
      `${source.name} could not be put back as it was (${(error as Error).message}). ` +
        `Left there: keys ${names}; changed: ${config.changes()}`,
    );
  }
}

const KEYS_AT_A_TIME = 500;

function* keyChunks(commands: Commands, trace: Trace): Generator<string[]> {
  for (let id = 0; id < trace.keyCount; id += KEYS_AT_A_TIME) {
    const end = Math.min(trace.keyCount, id + KEYS_AT_A_TIME);
    yield Array.from({ length: end - id }, (_, i) => commands.key(id + i));
  }
}
