import { UsageError } from '../errors.ts';
import { parseAddress, type Address, type TlsFiles } from '../live/address.ts';
import { removeFolder, temporaryFolder } from '../live/launch.ts';
import { namedServer, ownServers, type ServerSource } from '../live/live-server.ts';
import { inspect, type Inspection, type Replayed } from '../live/measure.ts';
import { serverBinary } from '../live/server-binary.ts';
import { buildClockLibrary } from '../live/trace-clock.ts';
import type { Arguments } from './arguments.ts';
import { parseWholeNumber } from './whole-number.ts';

const DEFAULT_BINARY = 'redis-server';
const DEFAULT_KEY_PREFIX = 'evictlab:';

/** The server the user wants: one we start, or one that is there. */
export type Where =
  | {
      readonly kind: 'own';
      readonly command: string;
      readonly port: number | undefined;
      readonly wantsTraceClock: boolean;
    }
  | { readonly kind: 'named'; readonly address: Address; readonly keyPrefix: string };

/** Throws UsageError for options that don't go together. */
export function whereOf(args: Arguments): Where {
  const url = args.one('url');
  const refuse = (names: readonly string[], reason: string): void => {
    const given = names.find((name) => args.has(name));
    if (given !== undefined) throw new UsageError(`--${given} ${reason}`);
  };
  if (url === undefined) {
    const named = ['tls-ca', 'tls-cert', 'tls-key', 'key-prefix', 'allow-nonempty'];
    refuse(named, 'is for a server named by --url.');
    const port = args.one('server-port');
    return {
      kind: 'own',
      command: args.one('server-bin') ?? DEFAULT_BINARY,
      port: port === undefined ? undefined : parseWholeNumber(port, '--server-port', 1, 65_535),
      wantsTraceClock: args.one('clock') === 'trace',
    };
  }
  refuse(['server-bin', 'server-port'], 'starts a server, --url names one; give one of them.');
  if (args.one('clock') === 'trace') {
    throw new UsageError(
      '--clock trace needs a server that evictlab starts (--server-bin); one named by --url has its own clock.',
    );
  }
  return {
    kind: 'named',
    address: parseAddress(url, tlsFilesOf(args), process.env.REDISCLI_AUTH),
    keyPrefix: args.one('key-prefix') ?? DEFAULT_KEY_PREFIX,
  };
}

/** The files of --tls-ca, --tls-cert and --tls-key. */
export function tlsFilesOf(args: Arguments): TlsFiles {
  const files: Record<string, string> = {};
  for (const kind of ['ca', 'cert', 'key']) {
    const file = args.one(`tls-${kind}`);
    if (file !== undefined) files[kind] = file;
  }
  return files satisfies TlsFiles;
}

/** A server that can be replayed on, and what it is. */
export interface Target {
  readonly source: ServerSource;
  readonly inspection: Inspection;
  readonly clock: 'trace' | 'real';
}

/**
 * Starts or finds the server once and looks at it. A trace clock that can't be had becomes real time, with a warning.
 * `folder` is for servers of our own.
 */
export async function openTarget(
  where: Where,
  replayed: Replayed,
  options: { epochSeconds: number; folder: string; signal: AbortSignal },
): Promise<Target> {
  const { folder, signal } = options;
  if (where.kind === 'named') {
    const source = namedServer(where.address);
    return { source, inspection: await inspect(source, replayed, signal), clock: 'real' };
  }
  const binary = await serverBinary(where.command);
  const inRealTime = (): ServerSource =>
    ownServers({ binary, folder, port: where.port, traceClock: undefined });
  if (where.wantsTraceClock) {
    const library = await buildClockLibrary(folder);
    let problem: string | undefined;
    if (library.state === 'built') {
      const traceClock = { library: library.file, epochMs: options.epochSeconds * 1000 };
      const source = ownServers({ binary, folder, port: where.port, traceClock });
      const inspection = await inspect(source, replayed, signal);
      problem = inspection.clockProblem;
      if (problem === undefined) return { source, inspection, clock: 'trace' };
    } else problem = library.reason;
    replayed.warn(`no trace clock: ${problem}. The server runs in real time instead.`);
  }
  const source = inRealTime();
  return { source, inspection: await inspect(source, replayed, signal), clock: 'real' };
}

/** Runs `work` with a folder for servers, which is gone afterwards. */
export async function withServerFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = temporaryFolder();
  try {
    return await work(folder);
  } finally {
    removeFolder(folder);
  }
}
