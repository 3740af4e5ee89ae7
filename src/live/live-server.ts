import { join } from 'node:path';
import { loopback, type Address } from './address.ts';
import { Connection } from './connection.ts';
import { launch, type LaunchedServer } from './launch.ts';
import type { ServerBinary } from './server-binary.ts';
import { ServerFailure } from './server-failure.ts';
import { TraceClock } from './trace-clock.ts';

/** A server for one replay. */
export interface LiveServer {
  readonly connection: Connection;
  /** Ours to set, or undefined: real time. */
  readonly clock: TraceClock | undefined;
  /** Started for this replay: nothing in it is anybody's. */
  readonly isOwn: boolean;
  /** What an error of a replay comes from, once the server had time to die. */
  explain(error: unknown): Promise<unknown>;
  /** Stops it, if it's ours, and closes the connection. */
  release(): Promise<void>;
}

/** Where servers for replays come from. */
export interface ServerSource {
  readonly isOwn: boolean;
  /** How messages call it. */
  readonly name: string;
  open(signal: AbortSignal): Promise<LiveServer>;
}

export interface OwnServers {
  readonly binary: ServerBinary;
  readonly folder: string;
  readonly port: number | undefined;
  /** The preload library and the unix time of trace time 0, ms; undefined = real time. */
  readonly traceClock: { readonly library: string; readonly epochMs: number } | undefined;
  /** Directives beyond our own, or instead of them. */
  readonly settings?: Readonly<Record<string, string>>;
}

const DEATH_PATIENCE_MS = 500;

/** A fresh server for every replay. */
export function ownServers({
  binary,
  folder,
  port,
  traceClock,
  settings = {},
}: OwnServers): ServerSource {
  let launched = 0;
  return {
    isOwn: true,
    name: binary.command,
    async open(signal) {
      const name = `server-${++launched}`;
      const clock =
        traceClock &&
        new TraceClock(traceClock.library, join(folder, `${name}.clock`), traceClock.epochMs);
      let server: LaunchedServer | undefined;
      try {
        server = await launch(
          binary,
          { name, folder, port, settings, ...(clock === undefined ? {} : { clock }) },
          signal,
        );
        const connection = await Connection.open(loopback(server.port));
        return live(server, connection, clock, binary.command);
      } catch (error) {
        await server?.stop();
        clock?.close();
        throw error;
      }
    },
  };
}

function live(
  server: LaunchedServer,
  connection: Connection,
  clock: TraceClock | undefined,
  name: string,
): LiveServer {
  return {
    connection,
    clock,
    isOwn: true,
    async explain(error) {
      if (!(error instanceof ServerFailure)) return error;
      if (!(await server.exitsWithin(DEATH_PATIENCE_MS))) return error;
      return new ServerFailure(`${name} died half-way (${server.lastWords}).`, { cause: error });
    },
    async release() {
      connection.close();
      await server.stop();
      clock?.close();
    },
  };
}

/** The same server for every replay: somebody else's. */
export function namedServer(address: Address): ServerSource {
  return {
    isOwn: false,
    name: address.shown,
    async open() {
      const connection = await Connection.open(address);
      return {
        connection,
        clock: undefined,
        isOwn: false,
        explain: (error) => Promise.resolve(error),
        release: () => {
          connection.close();
          return Promise.resolve();
        },
      };
    },
  };
}
