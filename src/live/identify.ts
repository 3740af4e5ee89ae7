import { UsageError } from '../errors.ts';
import { nearestProfile } from '../servers/nearest-profile.ts';
import { ALLOCATORS, type Allocator, type ServerProfile } from '../servers/profile.ts';
import { ErrorReply, type Connection } from './connection.ts';
import type { Info } from './info.ts';

/** A running server, and what models it. */
export interface Identity {
  readonly flavour: 'redis' | 'valkey';
  readonly version: string;
  /** As the server names it: `jemalloc-5.3.0`. */
  readonly memAllocator: string;
  readonly allocator: Allocator;
  readonly profile: ServerProfile;
}

/** Throws UsageError for a server no replay may write to. */
export function refuseUnfit(info: Info, name: string): void {
  if (info.get('redis_mode') === 'sentinel') {
    throw new UsageError(`${name}: is a sentinel, which holds no keys. Name one of its servers.`);
  }
  if (info.get('cluster_enabled') === '1' || info.get('redis_mode') === 'cluster') {
    throw new UsageError(
      `${name}: runs in cluster mode, which is not modelled. Name a single server.`,
    );
  }
  if (info.get('role') === 'slave') {
    throw new UsageError(
      `${name}: is a replica of ${info.get('master_host') ?? 'another server'}, which takes no writes and leaves ` +
        `eviction to its primary. Name the primary or a server of its own.`,
    );
  }
  if (info.get('loading') === '1') {
    throw new UsageError(`${name}: is loading its data. Try again when it is done.`);
  }
}

/** What the server says of itself, and the profile for it; `warn` hears where that is a guess. */
export async function identify(
  connection: Connection,
  info: Info,
  probeKey: string,
  warn: (message: string) => void,
): Promise<Identity> {
  const valkey = info.get('valkey_version');
  const flavour = valkey === undefined ? 'redis' : 'valkey';
  const version = valkey ?? info.get('redis_version') ?? '0';
  const memAllocator = info.get('mem_allocator') ?? 'unknown';
  const { profile, exact } = nearestProfile(flavour, version);
  if (!exact) {
    warn(
      `${flavour} ${version} has no profile; compared with the nearest, ${profile.name} (${profile.version}).`,
    );
  }
  const measured = await measureAllocator(connection, memAllocator, probeKey);
  const allocator = measured ?? profile.defaultAllocator;
  if (measured === undefined) {
    warn(
      `${connection.address.shown}: its allocator's size classes could not be measured; ${allocator} is assumed.`,
    );
  }
  return { flavour, version, memAllocator, profile, allocator };
}

const SHORT_VALUES = 64;
/** Between whole pages (36,864 bytes) and the next size class of older jemallocs (40,960). */
const LONG_VALUE = 33_000;
const LONG_VALUE_ON_PAGES = 38_000;

/**
 * How the allocator rounds up, from what MEMORY USAGE says of strings of growing length. Bundled jemallocs (q8) have
 * classes in steps of 8 bytes, others in steps of 16; from 5.3.1 on large ones are whole pages. undefined when the
 * server won't say.
 */
async function measureAllocator(
  connection: Connection,
  memAllocator: string,
  probeKey: string,
): Promise<Allocator | undefined> {
  const named = ALLOCATORS.find((allocator) => allocator === memAllocator);
  if (named !== undefined) return named;
  if (!memAllocator.startsWith('jemalloc')) return undefined;
  const usages = await memoryUsages(connection, probeKey, [
    ...Array.from({ length: SHORT_VALUES }, (_, i) => i + 1),
    LONG_VALUE,
  ]);
  const long = usages.pop();
  if (long === undefined) return undefined;
  const isStepOf8 = usages.some((usage, i) => i > 0 && Math.abs(usage - usages[i - 1]) % 16 === 8);
  if (isStepOf8) return 'jemalloc-q8';
  return long < LONG_VALUE_ON_PAGES ? 'jemalloc-q16-pages' : 'jemalloc-q16';
}

/** MEMORY USAGE of a string of each length; empty when refused. */
async function memoryUsages(
  connection: Connection,
  key: string,
  lengths: readonly number[],
): Promise<number[]> {
  const commands = lengths.flatMap((length) => [
    ['SET', key, 'x'.repeat(length)],
    ['MEMORY', 'USAGE', key],
  ]);
  const replies = await connection.batch([...commands, ['DEL', key]]);
  const usages = replies.filter((_, i) => i % 2 === 1).filter((reply) => typeof reply === 'number');
  const isRefused = replies.some((reply) => reply instanceof ErrorReply);
  return isRefused || usages.length !== lengths.length ? [] : usages;
}
