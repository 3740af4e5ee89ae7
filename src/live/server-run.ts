/** What one replay on a real server came to; counts as CellResult has them. */
export interface ServerRun {
  readonly hits: number;
  readonly misses: number;
  readonly evictedKeys: number;
  readonly expiredKeys: number;
  readonly oomErrors: number;
  readonly keys: number;
  readonly usedMemoryBytes: number;
  /** `used_memory` with nothing stored, one idle client connected: what the engine starts from. */
  readonly emptyBytes: number;
  readonly elapsedMs: number;
  readonly recording: Recording;
}

/** When a replay really happened, for the engine to repeat; under a trace clock that is the trace's own time. */
export interface Recording {
  /** Unix time the times count from, s. */
  readonly epochSeconds: number;
  /** Per row, ms since then, and the batches; undefined = as the trace has them. */
  readonly sent?: {
    readonly timesMs: Uint32Array<SharedArrayBuffer>;
    readonly batchEnds: Uint32Array<SharedArrayBuffer>;
  };
}
