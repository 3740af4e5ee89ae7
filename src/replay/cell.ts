import type { Allocator } from '../servers/profile.ts';

/** One point of a sweep: with a trace, everything that decides a result. A plain value, posted to workers as it is. */
export interface Cell {
  readonly workload: string;
  /** A profile name of servers/registry.ts. */
  readonly server: string;
  readonly allocator: Allocator;
  /** A policy name of policies/registry.ts. */
  readonly policy: string;
  /** 0 = no limit, as in the server. */
  readonly maxmemoryBytes: number;
  readonly maxmemorySamples: number;
  readonly lfuLogFactor: number;
  readonly lfuDecayTime: number;
  readonly hz: number;
  /** Times that the timer is slower than `hz`, for a part of the keys that stands for as many; undefined = 1. */
  readonly timerSlowdown?: number;
  readonly activeExpireEffort: number;
  /** 0 … 100, `maxmemory-eviction-tenacity`. */
  readonly evictionTenacity: number;
  /** Bytes of the empty server; undefined = the profile's figure for the allocator. */
  readonly startupMemoryBytes?: number;
  /** Bytes of the clients' buffers; undefined = one idle client as the profile has it. */
  readonly clientMemoryBytes?: number;
  /** Whether a GET that misses is followed by a SET of that key. */
  readonly onMiss: 'fill' | 'none';
  /** Requests that are under way at once, 1 = each waits for the answer to the one before (replay/batch.ts). */
  readonly pipeline: number;
  /** Unix time of trace time 0, seconds. */
  readonly epochSeconds: number;
  /**
   * `modelled`: the server's own work takes time, so its time limits bite as on a real machine.
   * `none`: the clock stands still while the server works, as when a server is driven by a trace clock.
   */
  readonly serverTime: 'modelled' | 'none';
  readonly seed: number;
  /** Rows left out of the counts at the start. */
  readonly warmupRows: number;
  /** Trace ms between timeline points; 0 = none. */
  readonly timelineIntervalMs: number;
}

/** What is counted after the warm-up. Sums are exact integers below 2^53. */
export interface Counters {
  /** Trace rows replayed. */
  requests: number;
  /** Lookups (get rows) that found their key. */
  hits: number;
  misses: number;
  /** Value bytes of the lookups that hit, and of all lookups. */
  hitBytes: number;
  lookupBytes: number;
  evictedKeys: number;
  expiredKeys: number;
  /** Commands refused with -OOM. */
  oomErrors: number;
}

/** State of the server at the end of an interval, and what was counted since the start of it. */
export interface TimelinePoint extends Counters {
  /** End of the interval, trace ms. */
  readonly timeMs: number;
  readonly keys: number;
  readonly usedMemoryBytes: number;
}

export interface CellResult extends Counters {
  readonly cell: Cell;
  readonly keys: number;
  readonly usedMemoryBytes: number;
  readonly peakMemoryBytes: number;
  /** What the server used with nothing stored, its clients included. */
  readonly emptyMemoryBytes: number;
  /** Wall time of the replay, generation excluded. */
  readonly elapsedMs: number;
  readonly timeline: readonly TimelinePoint[];
}
