import { Engine } from '../../src/engine/engine.ts';
import type { PolicyDefinition } from '../../src/policies/policy.ts';
import type { Allocator, ServerProfile } from '../../src/servers/profile.ts';
import { redis70 } from '../../src/servers/redis-7.0.ts';

export const START_MS = 1_700_000_000_000;
export const EMPTY_SERVER_BYTES = 50_000;

/** What a test wants to be different from an ordinary server. */
export interface ServerOptions {
  /** Redis 7.0 unless said otherwise. */
  readonly profile?: ServerProfile;
  readonly keys?: number;
  readonly keyBytes?: number;
  readonly allocator?: Allocator;
  /** Bytes for data; absent = no limit. */
  readonly roomBytes?: number;
  readonly maxmemorySamples?: number;
  readonly lfuLogFactor?: number;
  readonly lfuDecayTime?: number;
  readonly hz?: number;
  readonly timerSlowdown?: number;
  readonly activeExpireEffort?: number;
  readonly evictionTenacity?: number;
  readonly serverTime?: 'modelled' | 'none';
  readonly startMs?: number;
  readonly seed?: number;
  /** Whether the reply buffer changes size; when not, it costs nothing beyond the empty server. */
  readonly resizesReplies?: boolean;
}

/** A server with `policy`, sixteen-byte key names and, unless said otherwise, a reply buffer that keeps its size. */
export function oneServer(policy: PolicyDefinition, options: ServerOptions = {}): Engine {
  const { profile = redis70, roomBytes, keys = 1000, keyBytes = 16 } = options;
  const fixed = { ...profile.replyBuffer, resizes: false, smallestBytes: 16_384 };
  return new Engine(
    {
      profile: { ...profile, replyBuffer: options.resizesReplies ? profile.replyBuffer : fixed },
      policy,
      allocator: options.allocator ?? 'jemalloc-q8',
      maxmemoryBytes: roomBytes === undefined ? 0 : EMPTY_SERVER_BYTES + roomBytes,
      maxmemorySamples: options.maxmemorySamples ?? 5,
      lfuLogFactor: options.lfuLogFactor ?? 10,
      lfuDecayTime: options.lfuDecayTime ?? 1,
      hz: options.hz ?? 10,
      timerSlowdown: options.timerSlowdown ?? 1,
      activeExpireEffort: options.activeExpireEffort ?? 1,
      evictionTenacity: options.evictionTenacity ?? 10,
      baseBytes: EMPTY_SERVER_BYTES,
      serverTime: options.serverTime ?? 'none',
      seed: options.seed ?? 1,
    },
    new Uint32Array(keys).fill(keyBytes),
    options.startMs ?? START_MS,
  );
}

/** An arrival of requests at unix time `nowMs`, and the timer's turn after it. */
export function arrive(engine: Engine, nowMs: number): void {
  engine.wake(nowMs);
  engine.endEvents();
}
