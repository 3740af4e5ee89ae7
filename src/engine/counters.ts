/** Everything the engine counts. stored = resident + evicted + expired + deleted + overwritten, always. */
export interface EngineCounters {
  /** Lookups that found their key, as `keyspace_hits`. */
  hits: number;
  misses: number;
  evictedKeys: number;
  expiredKeys: number;
  /** Commands refused with -OOM. */
  oomErrors: number;
  /** Writes that gave a key a new value. */
  storedValues: number;
  overwrittenValues: number;
  deletedKeys: number;
}

export function zeroCounters(): EngineCounters {
  return {
    hits: 0,
    misses: 0,
    evictedKeys: 0,
    expiredKeys: 0,
    oomErrors: 0,
    storedValues: 0,
    overwrittenValues: 0,
    deletedKeys: 0,
  };
}
