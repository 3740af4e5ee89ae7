import { UsageError } from '../errors.ts';
import { ErrorReply, type Connection, type Reply } from './connection.ts';
import type { Info } from './info.ts';

/** A few keys of a server, drawn at random. */
export interface KeySample {
  readonly keys: number;
  readonly bytes: number;
  /** Those with a TTL. */
  readonly volatileKeys: number;
  readonly volatileBytes: number;
  /** How many of each type: string, list, stream … */
  readonly types: ReadonlyMap<string, number>;
  /** Keys that look like a queue's. */
  readonly queueNames: readonly string[];
}

/** What a server says of itself. */
export interface Examination {
  readonly info: Info;
  /** CONFIG GET; undefined when that is forbidden. */
  readonly config: ReadonlyMap<string, string> | undefined;
  readonly sample: KeySample | undefined;
}

/** Keys that well-known queues always have, and names that their other keys begin with. */
const QUEUE_KEYS = ['queues', 'celery', '_kombu.binding.celery', 'resque:queues', 'rq:queues'];
const QUEUE_NAMES =
  /^(?:bull|bee-queue|bq|kue|q|rq|arq|dramatiq|resque|sidekiq|queues?|celery|_kombu|unacked|horizon|delayed|jobs?)(?:[:._{-]|$)/i;
const COLLECTIONS = ['list', 'set', 'zset', 'stream', 'hash'];

/**
 * Looks at a server and changes nothing: INFO, CONFIG GET, and of `keys` random keys type, TTL and size, none of which
 * counts as an access. Throws UsageError when INFO is forbidden; `warn` hears what else is.
 */
export async function examine(
  connection: Connection,
  keys: number,
  warn: (message: string) => void,
): Promise<Examination> {
  const { shown } = connection.address;
  const [infoReply, configReply] = await connection.batch([
    ['INFO', 'all'],
    ['CONFIG', 'GET', '*'],
  ]);
  if (typeof infoReply !== 'string') {
    const words = infoReply instanceof ErrorReply ? infoReply.message : 'no text';
    throw new UsageError(
      `${shown}: INFO was refused (${words}). Name a user that may run it: ACL SETUSER … +info +config|get.`,
    );
  }
  const config = Array.isArray(configReply) ? pairs(configReply) : undefined;
  if (config === undefined) {
    warn(`${shown}: CONFIG GET was refused; of its settings only what INFO shows is known.`);
  }
  const sample = await sampleKeys(connection, keys);
  if (sample === 'refused') {
    warn(`${shown}: its keys could not be looked at (RANDOMKEY, TYPE, PTTL, MEMORY USAGE).`);
  }
  return {
    info: fieldsOf(infoReply),
    config,
    sample: typeof sample === 'string' ? undefined : sample,
  };
}

function pairs(reply: readonly Reply[]): Map<string, string> {
  const found = new Map<string, string>();
  for (let i = 0; i + 1 < reply.length; i += 2) found.set(String(reply[i]), String(reply[i + 1]));
  return found;
}

/** Names of INFO hold `|` for subcommands: `cmdstat_config|set`. */
function fieldsOf(text: string): Info {
  const fields = text.matchAll(/^([\w|-]+):(.*?)\r?$/gm);
  return new Map([...fields].map((match): [string, string] => [match[1], match[2]]));
}

async function sampleKeys(
  connection: Connection,
  count: number,
): Promise<KeySample | 'refused' | 'empty'> {
  if (count === 0) return 'empty';
  const drawn = await connection.batch(Array.from({ length: count }, () => ['RANDOMKEY']));
  if (drawn.some((reply) => reply instanceof ErrorReply)) return 'refused';
  const names = [...new Set(drawn.filter((reply) => typeof reply === 'string'))];
  if (names.length === 0) return 'empty';
  const replies = await connection.batch([
    ...names.flatMap((name) => [
      ['TYPE', name],
      ['PTTL', name],
      ['MEMORY', 'USAGE', name],
    ]),
    ...QUEUE_KEYS.map((name) => ['TYPE', name]),
  ]);
  if (replies.some((reply) => reply instanceof ErrorReply)) return 'refused';
  const types = new Map<string, number>();
  const sum = { keys: 0, bytes: 0, volatileKeys: 0, volatileBytes: 0 };
  for (let i = 0; i < names.length; i++) {
    const [type, ttl, bytes] = replies.slice(3 * i, 3 * i + 3);
    // It may have gone since it was drawn.
    if (type === 'none' || typeof bytes !== 'number') continue;
    types.set(String(type), (types.get(String(type)) ?? 0) + 1);
    sum.keys++;
    sum.bytes += bytes;
    if (Number(ttl) < 0) continue;
    sum.volatileKeys++;
    sum.volatileBytes += bytes;
  }
  const ofQueues = QUEUE_KEYS.filter((_, i) =>
    COLLECTIONS.includes(String(replies[3 * names.length + i])),
  );
  const named = names.filter((name) => QUEUE_NAMES.test(name));
  return { ...sum, types, queueNames: [...new Set([...ofQueues, ...named])] };
}
