import type { Cell } from '../replay/cell.ts';
import { serverNamed } from '../servers/registry.ts';
import type { Trace } from '../trace/trace.ts';
import {
  type FullServer,
  fullServer,
  SMALL_PAGE_BYTES,
  SNAPSHOT_BYTES_PER_SECOND,
  snapshotCosts,
  type SnapshotCosts,
} from './copy-on-write.ts';
import { type Headroom, headroom, USUAL_FRAGMENTATION } from './headroom.ts';

/** What the traffic does not say about a server; all have defaults. */
export interface HeadroomOptions {
  /** What a child saves in a second, in bytes of used_memory. */
  readonly snapshotBytesPerSecond?: number | undefined;
  /** Bytes that one write copies: 4 KiB, or 2 MiB with transparent huge pages before Linux 5.8. */
  readonly pageBytes?: number;
  /** RSS over used_memory. */
  readonly fragmentation?: number;
  /** Whether it saves, rewrites an append-only file or has replicas that synchronise in full. */
  readonly forks?: boolean;
  readonly replicas?: number;
  /** Hard limit of `client-output-buffer-limit replica`. */
  readonly replicaBufferBytes?: number;
  readonly appendOnly?: boolean;
}

/** The RAM to provide for a server with this traffic. */
export interface TraceHeadroom {
  readonly headroom: Headroom;
  readonly full: FullServer;
  /** undefined for a server that never forks. */
  readonly snapshot: SnapshotCosts | undefined;
}

/** The server's default. */
const REPLICA_BUFFER_BYTES = 256 * 2 ** 20;
/** Of a SET in the append-only file, besides key and value. */
const COMMAND_BYTES = 32;

/**
 * The RAM that a cell's maxmemory needs under a trace, part by part. A cell without a limit is taken to be limited to
 * what it uses at the end. Replays the trace once, twice for a server that forks.
 */
export function traceHeadroom(
  trace: Trace,
  cell: Cell,
  options: HeadroomOptions = {},
): TraceHeadroom {
  const {
    snapshotBytesPerSecond: bytesPerSecond = SNAPSHOT_BYTES_PER_SECOND,
    pageBytes = SMALL_PAGE_BYTES,
    fragmentation = USUAL_FRAGMENTATION,
    forks = true,
    replicas = 0,
    replicaBufferBytes = REPLICA_BUFFER_BYTES,
    appendOnly = false,
  } = options;
  const profile = serverNamed(cell.server);
  const full = fullServer(trace, cell);
  const snapshot = forks
    ? snapshotCosts(trace, cell, full, { bytesPerSecond, pageBytes })
    : undefined;
  const keepsWrites = appendOnly && profile.keepsWritesOfRewrite;
  return {
    full,
    snapshot,
    headroom: headroom({
      profile,
      allocator: cell.allocator,
      maxmemoryBytes: cell.maxmemoryBytes > 0 ? cell.maxmemoryBytes : full.dataBytes,
      keys: full.keys,
      volatileKeys: full.volatileKeys,
      fragmentation,
      forks,
      copiedBytes: snapshot?.worstBytes,
      replicas,
      replicaBufferBytes,
      rewriteBytes: keepsWrites ? (snapshot?.storedValues ?? 0) * meanCommandBytes(trace) : 0,
    }),
  };
}

function meanCommandBytes(trace: Trace): number {
  let bytes = 0;
  for (let row = 0; row < trace.rows; row++) {
    bytes += trace.valueBytes[row] + trace.keyBytes[trace.keys[row]];
  }
  return bytes / Math.max(1, trace.rows) + COMMAND_BYTES;
}
