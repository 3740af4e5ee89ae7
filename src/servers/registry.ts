import { UsageError } from '../errors.ts';
import { unknownName } from '../nearest.ts';
import type { ServerProfile } from './profile.ts';
import { redis50 } from './redis-5.0.ts';
import { redis60 } from './redis-6.0.ts';
import { redis62 } from './redis-6.2.ts';
import { redis70 } from './redis-7.0.ts';
import { redis72 } from './redis-7.2.ts';
import { redis74 } from './redis-7.4.ts';
import { redis80 } from './redis-8.0.ts';
import { redis86 } from './redis-8.6.ts';
import { valkey72 } from './valkey-7.2.ts';
import { valkey80 } from './valkey-8.0.ts';
import { valkey81 } from './valkey-8.1.ts';
import { valkey91 } from './valkey-9.1.ts';

/** Every server there is: Redis, then Valkey, oldest first. */
export const SERVERS: readonly ServerProfile[] = [
  redis50,
  redis60,
  redis62,
  redis70,
  redis72,
  redis74,
  redis80,
  redis86,
  valkey72,
  valkey80,
  valkey81,
  valkey91,
];

/** The newest Redis profile. */
export const DEFAULT_SERVER: string = SERVERS.filter(({ name }) => name.startsWith('redis-')).at(
  -1,
)!.name;

const byName = new Map(SERVERS.map((server) => [server.name, server]));

/** The profile of that name. Throws UsageError with the nearest name. */
export function serverNamed(name: string): ServerProfile {
  const server = byName.get(name);
  if (server === undefined) {
    throw new UsageError(unknownName('server', name, [...byName.keys()]));
  }
  return server;
}
