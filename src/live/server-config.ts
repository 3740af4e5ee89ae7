import { UsageError } from '../errors.ts';
import { ErrorReply, type Connection } from './connection.ts';

/** What decides over eviction; all that is ever read or changed of a server's configuration. */
const NAMES = [
  'maxmemory',
  'maxmemory-policy',
  'maxmemory-samples',
  'maxmemory-eviction-tenacity',
  'lfu-log-factor',
  'lfu-decay-time',
  'hz',
  'active-expire-effort',
] as const;
export type ConfigName = (typeof NAMES)[number];

/** A server's configuration, which can be put back as it was. */
export class ServerConfig {
  /** As found; a version lacks some. */
  readonly original: ReadonlyMap<ConfigName, string>;
  private readonly connection: Connection;
  private readonly now: Map<ConfigName, string>;

  private constructor(connection: Connection, original: ReadonlyMap<ConfigName, string>) {
    this.connection = connection;
    this.original = original;
    this.now = new Map(original);
  }

  /** Throws ServerFailure where CONFIG is forbidden. */
  static async read(connection: Connection): Promise<ServerConfig> {
    const original = new Map<ConfigName, string>();
    for (const name of NAMES) {
      const reply = await connection.ask('CONFIG', 'GET', name);
      if (Array.isArray(reply) && typeof reply[1] === 'string') original.set(name, reply[1]);
    }
    return new ServerConfig(connection, original);
  }

  /** Sets what differs. Throws UsageError when the server won't have it. */
  async set(wanted: Readonly<Partial<Record<ConfigName, string | number>>>): Promise<void> {
    for (const name of NAMES) {
      const value = wanted[name];
      // What a version doesn't know, it can't be asked to do; its profile says what it does instead.
      if (value === undefined || !this.now.has(name) || this.now.get(name) === String(value))
        continue;
      const [reply] = await this.connection.batch([['CONFIG', 'SET', name, String(value)]]);
      if (reply instanceof ErrorReply) {
        throw new UsageError(
          `${this.connection.address.shown}: CONFIG SET ${name} ${value} was refused: ${reply.message}`,
        );
      }
      this.now.set(name, String(value));
    }
  }

  /** Sets what is set already: a server may hold a histogram of latencies for every command it has seen. */
  async rehearse(): Promise<void> {
    await this.connection.batch([['CONFIG', 'SET', 'maxmemory', this.now.get('maxmemory') ?? '0']]);
  }

  /** Puts back what was changed, by this connection or another one to the same server. */
  async restore(connection: Connection): Promise<void> {
    for (const [name, value] of this.changed()) {
      await connection.ask('CONFIG', 'SET', name, value);
      this.now.set(name, value);
    }
  }

  /** What {@link restore} would set; for messages. */
  changes(): string {
    const changed = this.changed();
    return changed.length === 0
      ? 'nothing'
      : changed.map(([name, value]) => `${name} (was ${value})`).join(', ');
  }

  private changed(): [ConfigName, string][] {
    return [...this.original].filter(([name, value]) => this.now.get(name) !== value);
  }
}
