import { UsageError } from '../errors.ts';
import { unknownName } from '../nearest.ts';
import { SERVER_ALIASES, type ServerAlias } from './aliases.ts';
import { nearestProfile } from './nearest-profile.ts';
import type { Allocator, ServerProfile } from './profile.ts';
import { SERVERS } from './registry.ts';
import { versionNumbers } from './version.ts';

/** What a `--server` stands for. */
export interface FoundServer {
  readonly profile: ServerProfile;
  /** Of that build, unless the user says otherwise. */
  readonly allocator: Allocator;
  /** What an alias is and how that is known; undefined for a profile's own name. */
  readonly origin: string | undefined;
  /** False where the release has no profile of its own, and the nearest stands in. */
  readonly exact: boolean;
}

/**
 * The server of a profile's name, of an alias, of a release (`redis-7.0.15`, `valkey-8.1.3`), of a Docker tag
 * (`redis:7.2`, `valkey:8`), or of a project, whose newest it is. Throws UsageError with the nearest name.
 */
export function findServer(name: string): FoundServer {
  const own = SERVERS.find((profile) => profile.name === name);
  if (own !== undefined) {
    return { profile: own, allocator: own.defaultAllocator, origin: undefined, exact: true };
  }
  const alias = SERVER_ALIASES.find((one) => one.name === name) ?? releaseNamed(name);
  if (alias === undefined) {
    const profiles = SERVERS.map((profile) => profile.name);
    const names = [...profiles, ...SERVER_ALIASES.map((one) => one.name)];
    const more = 'a release (redis-7.0.15), a Docker tag (valkey:8.1), or one of "list servers"';
    throw new UsageError(unknownName('server', name, names, [...profiles, more]));
  }
  const { profile, exact } = nearestProfile(alias.flavour, alias.version);
  const { allocator = profile.defaultAllocator, origin } = alias;
  return { profile, allocator, origin, exact };
}

/** A name that says the release itself. Of majors without any profile nothing is known. */
function releaseNamed(name: string): ServerAlias | undefined {
  const match = /^(redis|valkey)(?:([-:])(\d+(?:\.\d+){0,2}|latest))?$/.exec(name);
  if (match === null) return undefined;
  const flavour = match[1] === 'redis' ? 'redis' : 'valkey';
  const [, , separator, given] = match as (string | undefined)[];
  const modelled = SERVERS.filter((profile) => profile.name.startsWith(`${flavour}-`));
  const majorOf = (version: string): number => versionNumbers(version)[0];
  const ofMajor = modelled.filter(({ version }) => majorOf(version) === majorOf(given ?? ''));
  const candidates = given === undefined || given === 'latest' ? modelled : ofMajor;
  const newest = candidates.at(-1);
  if (newest === undefined) return undefined;
  const isWhole = given?.includes('.') === true;
  const version = isWhole ? given : newest.version;
  const origin = isWhole
    ? "the project's own build, with the jemalloc it bundles"
    : `the newest modelled; the project's own build, with the jemalloc it bundles`;
  const image = separator === ':' ? 'Docker image; ' : '';
  return { name, flavour, version, allocator: undefined, origin: `${image}${origin}` };
}

/** `debian-12 is redis-7.0 with jemalloc-q16: …`: one line about a name that is no profile's own. */
export function explainServer(
  name: string,
  { profile, allocator, origin, exact }: FoundServer,
  chosen: Allocator = allocator,
): string | undefined {
  if (origin === undefined) return undefined;
  const stands = exact ? 'is' : 'has no profile of its own; the nearest older one is';
  const why = chosen === allocator ? origin : `${origin}; --allocator says otherwise`;
  return `${name} ${stands} ${profile.name} with ${chosen}: ${why}.`;
}
