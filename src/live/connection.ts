import {
  ConnectionTimeoutError,
  createClient,
  DisconnectsClientError,
  ErrorReply,
  SocketClosedUnexpectedlyError,
} from '@redis/client';
import { UsageError } from '../errors.ts';
import type { Address } from './address.ts';
import { ServerFailure } from './server-failure.ts';

/** What a server answers in RESP2; errors are {@link ErrorReply}. */
export type Reply = string | number | null | readonly Reply[];

export { ErrorReply };

/** Room for a whole batch in the socket, so that it leaves in one write whatever its size. */
const WRITE_BUFFER_BYTES = 1 << 30;
const CONNECT_TIMEOUT_MS = 5000;
/** For connecting, logging in and a first answer; a stopped server accepts connections and never answers. */
const ANSWER_TIMEOUT_MS = 10_000;

/** One client of a server. It never reconnects: a replay that lost its server is over. */
export class Connection {
  readonly address: Address;
  private readonly client: Client;

  private constructor(address: Address, client: Client) {
    this.address = address;
    this.client = client;
  }

  /** Connects and authenticates. Throws UsageError when it can't. */
  static async open(address: Address): Promise<Connection> {
    const client = clientFor(address);
    // Every error also rejects the commands it hit; this is so that it doesn't end the process.
    client.on('error', () => undefined);
    let giveUp: NodeJS.Timeout | undefined;
    try {
      const connection = new Connection(address, client);
      giveUp = setTimeout(() => {
        client.destroy();
      }, ANSWER_TIMEOUT_MS);
      await client.connect();
      // Whether we may; INFO is needed later anyway, so it leaves no trace in the server's memory of its own.
      await connection.send(['INFO', 'server']);
      return connection;
    } catch (error) {
      client.destroy();
      throw new UsageError(
        `${address.shown}: ${explain(error as NodeJS.ErrnoException, address)}`,
        {
          cause: error,
        },
      );
    } finally {
      clearTimeout(giveUp);
    }
  }

  /** One command. What is sent in the same turn of the event loop leaves in one write, in order. */
  send(command: readonly string[]): Promise<Reply> {
    return this.client.sendCommand(command);
  }

  /**
   * Commands in one write. Answers with their replies once all are there, errors of commands among them; throws
   * ServerFailure when the connection is lost.
   */
  batch(commands: readonly (readonly string[])[]): Promise<(Reply | ErrorReply)[]> {
    const replies = new Array<Reply | ErrorReply>(commands.length);
    let missing = commands.length;
    if (missing === 0) return Promise.resolve(replies);
    return new Promise((resolve, reject) => {
      for (let i = 0; i < commands.length; i++) {
        this.send(commands[i]).then(
          (reply) => {
            replies[i] = reply;
            if (--missing === 0) resolve(replies);
          },
          (error: unknown) => {
            if (error instanceof ErrorReply) {
              replies[i] = error;
              if (--missing === 0) resolve(replies);
            } else {
              reject(lost(this.address, error as Error));
            }
          },
        );
      }
    });
  }

  /**
   * A command that is needed and may be forbidden. Throws ServerFailure with the server's words.
   */
  async ask(...command: readonly string[]): Promise<Reply> {
    const [reply] = await this.batch([command]);
    if (reply instanceof ErrorReply) {
      throw new ServerFailure(
        `${this.address.shown} refused ${command.slice(0, 2).join(' ')}: ${reply.message}.`,
      );
    }
    return reply;
  }

  close(): void {
    this.client.destroy();
  }
}

type Client = ReturnType<typeof clientFor>;

function clientFor(address: Address) {
  const { socket, tls, username, password, database } = address;
  const common = {
    reconnectStrategy: false as const,
    connectTimeout: CONNECT_TIMEOUT_MS,
    // Node's net takes this as any stream does; the client's types don't list it.
    ...{ writableHighWaterMark: WRITE_BUFFER_BYTES, highWaterMark: WRITE_BUFFER_BYTES },
  };
  return createClient({
    RESP: 2,
    // Nothing but the replay goes over the wire, and no timer per command (it costs four times the command).
    disableClientInfo: true,
    maintNotifications: 'disabled',
    commandOptions: { timeout: 0 },
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    database,
    socket:
      'path' in socket
        ? { path: socket.path, ...common }
        : socket.tls
          ? { host: socket.host, port: socket.port, tls: true as const, ...tls, ...common }
          : { host: socket.host, port: socket.port, ...common },
  });
}

function lost(address: Address, error: Error): ServerFailure {
  return new ServerFailure(`${address.shown} hung up: ${error.message}.`, { cause: error });
}

/** Why a connection could not be had, and what to do. */
function explain(error: NodeJS.ErrnoException, { socket }: Address): string {
  const { code, message } = error;
  const hasTls = 'tls' in socket && socket.tls;
  if (error instanceof DisconnectsClientError) {
    return `no answer within ${ANSWER_TIMEOUT_MS / 1000} s.`;
  }
  if (/^WRONGPASS|^ERR invalid password|^ERR AUTH/.test(message)) {
    return `wrong user or password (${message}).`;
  }
  if (message.startsWith('NOAUTH')) {
    return 'wants a password: redis://user:password@host, or REDISCLI_AUTH in the environment.';
  }
  if (message.startsWith('NOPERM')) {
    return `the user needs the right to INFO (${message}).`;
  }
  // A server that takes a TLS greeting for a command waits for its end; one that waits for a greeting hangs up.
  if (error instanceof ConnectionTimeoutError && hasTls) {
    return `no answer in TLS within ${CONNECT_TIMEOUT_MS / 1000} s. A port without TLS is redis://.`;
  }
  if ((code === 'ECONNRESET' || error instanceof SocketClosedUnexpectedlyError) && !hasTls) {
    return 'hangs up at once. A port with TLS is rediss://.';
  }
  if (code?.includes('SELF_SIGNED') || code === 'UNABLE_TO_VERIFY_LEAF_SIGNATURE') {
    return `${message}. Name the authority that signed it: --tls-ca FILE.`;
  }
  if (code === 'ECONNREFUSED') return 'nobody listens there.';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'no such host.';
  if (code === 'ENOENT') return 'no such socket.';
  return `${message.replace(/\.$/, '')}.`;
}
