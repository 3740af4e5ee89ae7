/** Everything the engine counts. stored = resident + evicted + expired + deleted + overwritten, always. */
export interface EngineCounters {
  /** Lookups that found their key, as `keyspace_hits`. */
  readonly hits: number;
  readonly misses: number;
  readonly evictedKeys: number;
  readonly expiredKeys: number;
  /** Commands refused with -OOM. */
  readonly oomErrors: number;
  /** Writes that gave a key a new value. */
  readonly storedValues: number;
  readonly overwrittenValues: number;
  readonly deletedKeys: number;
}

/** What the kernel counts, as it stands whenever it is asked; `fields` in the order of src/kernel/state.ts. */
export function countersIn(fields: Float64Array): EngineCounters {
  return {
    get hits() {
      return fields[0];
    },
    get misses() {
      return fields[1];
    },
    get evictedKeys() {
      return fields[2];
    },
    get expiredKeys() {
      return fields[3];
    },
    get oomErrors() {
      return fields[4];
    },
    get storedValues() {
      return fields[5];
    },
    get overwrittenValues() {
      return fields[6];
    },
    get deletedKeys() {
      return fields[7];
    },
  };
}
