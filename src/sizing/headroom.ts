import type { TableRole } from '../keyspace/key-table.ts';
import { rounderOf } from '../memory/size-classes.ts';
import type { Allocator, ServerProfile } from '../servers/profile.ts';

/** What is known of a server that is to run with a limit; sizes in bytes. */
export interface HeadroomRequest {
  readonly profile: ServerProfile;
  readonly allocator: Allocator;
  readonly maxmemoryBytes: number;
  /** Keys at the limit, and how many of them have a TTL. */
  readonly keys: number;
  readonly volatileKeys: number;
  /** RSS over `used_memory`, at least 1. */
  readonly fragmentation: number;
  /** Whether it ever forks: saves, rewrites an append-only file, or has replicas that synchronise in full. */
  readonly forks: boolean;
  /** Most bytes copied while a child lives (copiedPages), child itself excluded; undefined = unknown, all may be. */
  readonly copiedBytes: number | undefined;
  /** Replicas, and the hard limit of `client-output-buffer-limit replica` for each. */
  readonly replicas: number;
  readonly replicaBufferBytes: number;
  /** What is written while an append-only file is rewritten, where the server keeps that in memory. */
  readonly rewriteBytes: number;
}

/** One part of the RAM to provide, in whole bytes. */
export interface HeadroomPart {
  readonly name: PartName;
  readonly bytes: number;
  /** Why, in one sentence. */
  readonly reason: string;
}

export type PartName =
  | 'maxmemory'
  | 'process'
  | 'fragmentation'
  | 'table doubling'
  | 'copy-on-write'
  | 'child'
  | 'replica buffers'
  | 'append-only file';

export interface Headroom {
  readonly parts: readonly HeadroomPart[];
  readonly totalBytes: number;
  readonly nextDoubling: TableDoubling | undefined;
}

/** What a hash table does when it is next full. */
export interface TableDoubling {
  /** It happens when the server holds this many keys. */
  readonly atKeys: number;
  /** Bytes of the new table, which comes on top of the old one at once. */
  readonly arrayBytes: number;
  /** Those of the old one, given back when the last key has moved. */
  readonly releasedBytes: number;
  /** Whether the server puts it off while it would break the limit. */
  readonly isRefusedAtLimit: boolean;
  /** Keys evicted at once to make room, when it happens at the limit. */
  readonly evictedKeys: number;
}

/**
 * Code, libraries, stacks, the allocator's own tables: what a process has beyond its heap. Measured as RSS less
 * used_memory of Redis 7.0.15: 5.9 MB idle, 12.4 MB with 313 MB of values of one size, some of it fragmentation.
 */
export const PROCESS_BYTES = 10 * 2 ** 20;
/** Pages a child writes itself or makes its parent write, with no command at all. Measured: docs/ram.md. */
export const CHILD_BYTES = 2 ** 20;
/** A table that doubles takes at least this much more per key at once; a node or child bucket for one key is nothing. */
const JUMP_BYTES_PER_KEY = 2;
/** Keys per bucket of a full table (Valkey from 8.1 on). */
const BUCKET_POSITIONS = 7;
const MOST_DOUBLINGS = 48;
/** RSS over used_memory of a server with steady traffic, measured: docs/ram.md. What is assumed until it can be read. */
export const USUAL_FRAGMENTATION = 1.1;
/** A page table entry of 8 bytes for each 4 KiB: the child has page tables of its own. */
const PAGE_TABLE_SHARE = 8 / 4096;

/** The RAM that a limit needs, part by part. Parts of 0 bytes are left out. */
export function headroom(request: HeadroomRequest): Headroom {
  const { maxmemoryBytes, fragmentation, profile } = request;
  const nextDoubling = tableDoubling(request);
  const heapBytes = maxmemoryBytes * fragmentation;
  const parts: HeadroomPart[] = [
    {
      name: 'maxmemory',
      bytes: maxmemoryBytes,
      reason:
        'keys, values, hash tables, clients and the replication backlog: all that used_memory counts',
    },
    {
      name: 'fragmentation',
      bytes: heapBytes - maxmemoryBytes,
      reason: `pages that the allocator holds and used_memory does not count, at ${fragmentation.toFixed(2)} × used_memory`,
    },
    {
      name: 'process',
      bytes: PROCESS_BYTES,
      reason: "code, libraries, stacks and the allocator's own tables",
    },
    {
      name: 'table doubling',
      bytes:
        nextDoubling === undefined || nextDoubling.isRefusedAtLimit ? 0 : nextDoubling.arrayBytes,
      reason: `${profile.name} grows its hash table beyond the limit, then evicts`,
    },
    ...(request.forks ? forkParts(request, heapBytes) : []),
    {
      name: 'replica buffers',
      bytes: request.replicas * request.replicaBufferBytes,
      reason: `output buffers of ${request.replicas} replica${request.replicas === 1 ? '' : 's'} up to their hard limit; not counted against maxmemory`,
    },
    {
      name: 'append-only file',
      bytes: request.rewriteBytes,
      reason: 'what is written while the file is rewritten; not counted against maxmemory',
    },
  ];
  const shown = parts
    .filter(({ bytes }) => bytes > 0)
    .map((part) => ({ ...part, bytes: Math.ceil(part.bytes) }));
  return {
    parts: shown,
    totalBytes: shown.reduce((sum, { bytes }) => sum + bytes, 0),
    nextDoubling,
  };
}

function forkParts({ copiedBytes }: HeadroomRequest, heapBytes: number): HeadroomPart[] {
  return [
    {
      name: 'copy-on-write',
      bytes: copiedBytes ?? heapBytes,
      reason:
        copiedBytes === undefined
          ? 'every page, if all are written while a child lives: nothing is known of the writes'
          : 'pages that are written while a child saves, and so exist twice',
    },
    {
      name: 'child',
      bytes: CHILD_BYTES + heapBytes * PAGE_TABLE_SHARE,
      reason: "the child's page tables (8 bytes per page) and its own buffers",
    },
  ];
}

/**
 * The next growth of the main table, and of the expires table with it when they are equally full. undefined for a
 * server without keys.
 */
export function tableDoubling(
  request: Pick<
    HeadroomRequest,
    'profile' | 'allocator' | 'keys' | 'volatileKeys' | 'maxmemoryBytes'
  >,
): TableDoubling | undefined {
  const { profile, keys, volatileKeys, maxmemoryBytes } = request;
  if (keys < 1) return undefined;
  const round = rounderOf(request.allocator);
  const tableBytes = (role: TableRole, count: number): number =>
    profile.tableBytes(role, count, round);
  const doublesAt = (role: TableRole, count: number): boolean =>
    tableBytes(role, count) - tableBytes(role, count - 1) > JUMP_BYTES_PER_KEY * count;
  const atKeys = fullTables(keys).find((count) => doublesAt('main', count));
  if (atKeys === undefined) return undefined;
  const volatileThen = Math.round((volatileKeys * atKeys) / keys);
  // With a TTL on every key the second table is as full as the first.
  const roles: readonly TableRole[] =
    volatileThen > 1 && doublesAt('expires', volatileThen) ? ['main', 'expires'] : ['main'];
  const sum = (offset: number): number =>
    roles
      .map((role) => tableBytes(role, (role === 'main' ? atKeys : volatileThen) + offset))
      .reduce((a, b) => a + b, 0);
  const grownBytes = sum(0);
  const bytesPerKey = maxmemoryBytes > 0 ? maxmemoryBytes / keys : 0;
  return {
    atKeys,
    arrayBytes: grownBytes,
    releasedBytes: sum(-1),
    isRefusedAtLimit: profile.refusesGrowthAtLimit,
    evictedKeys:
      bytesPerKey === 0 || profile.refusesGrowthAtLimit ? 0 : Math.round(grownBytes / bytesPerKey),
  };
}

/** Numbers of keys above `keys` at which some server's table may be full: powers of two, one more, or seven times one. */
function fullTables(keys: number): number[] {
  const powers = Array.from({ length: MOST_DOUBLINGS }, (_, k) => 2 ** k);
  return powers
    .flatMap((power) => [power, power + 1, BUCKET_POSITIONS * power])
    .filter((count) => count > keys)
    .sort((a, b) => a - b);
}
