import { NaiveBytes, type NaiveValue } from './naive-bytes.ts';

/** One command of a scenario, `dtMs` after the one before. `ttlMs` null = none. */
export interface Command {
  readonly op:
    | 'get'
    | 'touch'
    | 'set'
    | 'setnx'
    | 'setxx'
    | 'setkeep'
    | 'setint'
    | 'incr'
    | 'del'
    | 'expire'
    | 'persist';
  readonly key: number;
  /** Bytes of the value, or the number for setint. */
  readonly value: number;
  readonly ttlMs: number | null;
  readonly dtMs: number;
}

/** The commands flagged `denyoom`: refused while memory is over the limit and nothing can be evicted. */
export const MAY_NEED_MEMORY: ReadonlySet<Command['op']> = new Set([
  'set',
  'setnx',
  'setxx',
  'setkeep',
  'setint',
  'incr',
]);

interface Entry {
  value: NaiveValue;
  expiresAtMs: number | null;
}

/**
 * A database of string keys as the manual describes it: a Map, a clock and no memory limit. Whoever compares it with
 * the engine tells it which keys were evicted; it answers what each command must have done.
 */
export class NaiveServer {
  readonly entries = new Map<number, Entry>();
  readonly bytes: NaiveBytes;
  nowMs: number;
  hits = 0;
  misses = 0;
  stored = 0;
  overwritten = 0;
  deleted = 0;
  evicted = 0;
  expired = 0;
  private readonly keyBytes: Uint32Array;

  constructor(keyBytes: Uint32Array, bytes: NaiveBytes, startMs: number) {
    this.keyBytes = keyBytes;
    this.bytes = bytes;
    this.nowMs = startMs;
  }

  /** Keys, values and TTLs; no tables. */
  get dataBytes(): number {
    let sum = 0;
    for (const id of this.entries.keys()) sum += this.bytesOf(id);
    return sum;
  }

  /** What a key costs, 0 if it is absent. */
  bytesOf(id: number): number {
    const entry = this.entries.get(id);
    if (entry === undefined) return 0;
    return this.bytes.key(this.keyBytes[id], entry.value, entry.expiresAtMs !== null);
  }

  evict(id: number): void {
    if (!this.entries.delete(id)) throw new Error(`key ${id} was evicted but is not resident`);
    this.evicted++;
  }

  /** The background job deleted a key. */
  expireInBackground(id: number): void {
    const entry = this.entries.get(id);
    if (entry === undefined || !this.hasExpired(entry)) {
      throw new Error(`key ${id} was expired by the background job but is alive or absent`);
    }
    this.entries.delete(id);
    this.expired++;
  }

  private hasExpired(entry: Entry): boolean {
    return entry.expiresAtMs !== null && this.nowMs > entry.expiresAtMs;
  }

  /** The entry a command finds; an expired one is deleted on the way. */
  private find(id: number): Entry | undefined {
    const entry = this.entries.get(id);
    if (entry === undefined || !this.hasExpired(entry)) return entry;
    this.entries.delete(id);
    this.expired++;
    return undefined;
  }

  /** Runs a command that was not refused; returns its answer. */
  run(command: Command): boolean {
    const { op, key, value, ttlMs } = command;
    const entry = this.find(key);
    const expiresAtMs = ttlMs === null ? null : this.nowMs + ttlMs;
    switch (op) {
      case 'get':
      case 'touch':
        if (entry) this.hits++;
        else this.misses++;
        return entry !== undefined;
      case 'set':
        return this.store(key, { kind: 'string', length: value }, expiresAtMs);
      case 'setint':
        return this.store(key, { kind: 'integer', number: value }, expiresAtMs);
      case 'setnx':
        return !entry && this.store(key, { kind: 'string', length: value }, expiresAtMs);
      case 'setxx':
        return !!entry && this.store(key, { kind: 'string', length: value }, expiresAtMs);
      case 'setkeep':
        return this.store(key, { kind: 'string', length: value }, entry?.expiresAtMs ?? null);
      case 'incr': {
        const old = entry?.value.kind === 'integer' ? entry.value.number : 0;
        return this.store(key, { kind: 'integer', number: old + 1 }, entry?.expiresAtMs ?? null);
      }
      case 'del':
        return entry !== undefined && this.delete(key);
      case 'expire':
        if (!entry) return false;
        if (ttlMs! <= 0) return this.delete(key);
        entry.expiresAtMs = expiresAtMs;
        return true;
      case 'persist': {
        const had = entry !== undefined && entry.expiresAtMs !== null;
        if (entry) entry.expiresAtMs = null;
        return had;
      }
    }
  }

  private store(key: number, value: NaiveValue, expiresAtMs: number | null): true {
    this.stored++;
    if (this.entries.has(key)) this.overwritten++;
    this.entries.set(key, { value, expiresAtMs });
    return true;
  }

  private delete(key: number): true {
    this.entries.delete(key);
    this.deleted++;
    return true;
  }

  /** Bytes of a command's arguments while the server decides whether it may run. */
  argumentBytes(command: Command): number {
    const { op, key, value, ttlMs } = command;
    const name = this.keyBytes[key];
    const ttl = ttlMs === null ? [] : ['EX'.length, 4];
    switch (op) {
      case 'set':
      case 'setnx':
      case 'setxx':
      case 'setkeep':
        return this.bytes.command([3, name, value, ...ttl]);
      case 'setint':
        return this.bytes.command([3, name, String(value).length, ...ttl]);
      case 'expire':
        return this.bytes.command(['expire'.length, name, 4]);
      default:
        return this.bytes.command([3, name]);
    }
  }
}
