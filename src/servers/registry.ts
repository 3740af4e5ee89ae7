import { UsageError } from '../errors.ts';
import { unknownName } from '../nearest.ts';
import type { ServerProfile } from './profile.ts';
import { redis70 } from './redis-7.0.ts';

/** Every server there is, oldest first. */
export const SERVERS: readonly ServerProfile[] = [redis70];

/** The newest Redis profile. */
export const DEFAULT_SERVER: string = redis70.name;

const byName = new Map(SERVERS.map((server) => [server.name, server]));

/** The profile of that name. Throws UsageError with the nearest name. */
export function serverNamed(name: string): ServerProfile {
  const server = byName.get(name);
  if (server === undefined) {
    throw new UsageError(unknownName('server', name, [...byName.keys()]));
  }
  return server;
}
