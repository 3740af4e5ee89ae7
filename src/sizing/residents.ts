import { MemoryAccount } from '../memory/account.ts';
import { rounderOf, type Rounder } from '../memory/size-classes.ts';
import type { CommandMemory } from '../engine/command-memory.ts';
import * as keyFlags from '../keyspace/key-flags.ts';
import { baseBytesOf } from '../replay/base-bytes.ts';
import type { Cell } from '../replay/cell.ts';
import type { TableKind } from '../keyspace/key-table.ts';
import type { ServerProfile } from '../servers/profile.ts';
import { serverNamed } from '../servers/registry.ts';
import type { Trace } from '../trace/trace.ts';
import type { Mortality } from './mortality.ts';

const { EXPIRY_SLOT } = keyFlags;

/** A time that does not come. */
const NEVER = 0xffff_ffff;

/** The keys in memory of several servers that are fed the same trace, and the bytes they take. */
export class Residents {
  readonly accounts: readonly MemoryAccount[];
  /** Per key, the servers it is in, a bit for each. */
  readonly in: Int32Array;
  private readonly lanes: number;
  private readonly memory: CommandMemory;
  private readonly mains: TableBytes[];
  private readonly expires: TableBytes[];
  /** Elements of `lengths` per key: one is enough where all values of a key are of one length. */
  private readonly lengthsPerKey: number;
  private readonly lengths: Uint32Array;
  /** Per key and server, in units of time, or NEVER; nothing where no key expires. */
  private readonly expiries: Uint32Array;
  /** Per key, no later than the first of them; nothing where no key expires. */
  readonly firstExpiries: Uint32Array;
  /** Milliseconds in a unit of the expiries. */
  readonly unitMs: number;

  /** `cells` differ in maxmemory. */
  constructor(
    trace: Trace,
    cells: readonly Cell[],
    { mortality, memory }: { mortality: Mortality; memory: CommandMemory },
  ) {
    const [cell] = cells;
    const { keyCount, rows, times, tickMs } = trace;
    const profile = serverNamed(cell.server);
    const round = rounderOf(cell.allocator);
    const lanes = cells.length;
    this.lanes = lanes;
    this.memory = memory;
    this.accounts = cells.map((c) => new MemoryAccount(baseBytesOf(c), c.maxmemoryBytes));
    this.in = new Int32Array(keyCount);
    this.lengthsPerKey = mortality.hasFixedValues ? 1 : lanes;
    this.lengths = new Uint32Array(keyCount * this.lengthsPerKey);
    const expire = mortality.longestMs > 0;
    this.expiries = new Uint32Array(expire ? keyCount * lanes : 0);
    this.firstExpiries = new Uint32Array(expire ? keyCount : 0).fill(NEVER);
    const lastMs = rows === 0 ? 0 : times[rows - 1] * tickMs;
    this.unitMs = Math.max(1, Math.ceil((lastMs + mortality.longestMs) / (NEVER - 1)));
    const tables = (role: 'main' | 'expires'): TableBytes[] => {
      const known = new KnownTable(profile, role, keyCount, round);
      return this.accounts.map((account) => new TableBytes(account, known, profile));
    };
    this.mains = tables('main');
    this.expires = tables('expires');
  }

  /** Keys with a TTL in the server of `lane`, the dead among them. */
  volatileKeys(lane: number): number {
    return this.expires[lane].keys;
  }

  keys(lane: number): number {
    return this.mains[lane].keys;
  }

  lengthOf(key: number, lane: number): number {
    return this.lengths[this.lengthsPerKey === 1 ? key : key * this.lanes + lane];
  }

  /** Whether some server may hold `key` dead at `ms` after the start. */
  mayBeDead(key: number, ms: number): boolean {
    const { firstExpiries } = this;
    return firstExpiries.length > 0 && ms > firstExpiries[key] * this.unitMs;
  }

  /** Of the servers of `lanes`, those that hold `key` dead at `ms` after the start. */
  deadIn(key: number, lanes: number, ms: number): number {
    let dead = 0;
    for (let rest = this.in[key] & lanes; rest !== 0; rest &= rest - 1) {
      const lane = 31 - Math.clz32(rest & -rest);
      const at = this.expiries[key * this.lanes + lane];
      if (at !== NEVER && ms > at * this.unitMs) dead |= 1 << lane;
    }
    return dead;
  }

  /** When the next server's `key` dies of those where it is alive at `ms`; Infinity if none does. */
  nextDeathMs(key: number, ms: number): number {
    let next = Infinity;
    for (let rest = this.in[key]; rest !== 0; rest &= rest - 1) {
      const at = this.expiries[key * this.lanes + 31 - Math.clz32(rest & -rest)];
      if (at !== NEVER && at * this.unitMs >= ms) next = Math.min(next, at * this.unitMs);
    }
    return next;
  }

  /** Now that those that were dead are gone: looks anew for the first to die. */
  setFirstExpiry(key: number): void {
    let first = NEVER;
    for (let rest = this.in[key]; rest !== 0; rest &= rest - 1) {
      const lane = 31 - Math.clz32(rest & -rest);
      first = Math.min(first, this.expiries[key * this.lanes + lane]);
    }
    this.firstExpiries[key] = first;
  }

  /** Stores a value; `lastsUntilMs` after the start: Infinity = for good, undefined = as before. */
  store(key: number, lane: number, length: number, lastsUntilMs: number | undefined): void {
    const bit = 1 << lane;
    const account = this.accounts[lane];
    const at = this.lengthsPerKey === 1 ? key : key * this.lanes + lane;
    if ((this.in[key] & bit) === 0) {
      this.in[key] |= bit;
      if (this.expiries.length > 0) this.expiries[key * this.lanes + lane] = NEVER;
      this.mains[lane].add();
      this.lengths[at] = length;
      if (lastsUntilMs !== undefined) this.changeExpiry(key, lane, lastsUntilMs);
      account.used += this.bytesOf(key, lane);
      return;
    }
    const had = this.isVolatile(key, lane);
    const before = this.lengths[at];
    if (lastsUntilMs !== undefined) this.changeExpiry(key, lane, lastsUntilMs);
    const has = this.isVolatile(key, lane);
    this.lengths[at] = length;
    if (had === has && before === length) return;
    account.used += this.entryBytes(key, length, has) - this.entryBytes(key, before, had);
  }

  /** Makes a resident key expire at `ms` after the start, Infinity for never. */
  setExpiry(key: number, lane: number, ms: number): void {
    const had = this.isVolatile(key, lane);
    this.changeExpiry(key, lane, ms);
    const has = this.isVolatile(key, lane);
    if (had === has) return;
    const length = this.lengthOf(key, lane);
    this.accounts[lane].used +=
      this.entryBytes(key, length, has) - this.entryBytes(key, length, had);
  }

  private changeExpiry(key: number, lane: number, ms: number): void {
    const { expiries, firstExpiries } = this;
    if (expiries.length === 0) return;
    const at = key * this.lanes + lane;
    const had = expiries[at] !== NEVER;
    const has = ms !== Infinity;
    expiries[at] = has ? Math.ceil(ms / this.unitMs) : NEVER;
    if (had && !has) this.expires[lane].remove();
    else if (has && !had) this.expires[lane].add();
    if (expiries[at] < firstExpiries[key]) firstExpiries[key] = expiries[at];
  }

  remove(key: number, lane: number): void {
    this.accounts[lane].used -= this.bytesOf(key, lane);
    if (this.isVolatile(key, lane)) this.expires[lane].remove();
    this.mains[lane].remove();
    this.in[key] &= ~(1 << lane);
  }

  private isVolatile(key: number, lane: number): boolean {
    return this.expiries.length > 0 && this.expiries[key * this.lanes + lane] !== NEVER;
  }

  private bytesOf(key: number, lane: number): number {
    return this.entryBytes(key, this.lengthOf(key, lane), this.isVolatile(key, lane));
  }

  private entryBytes(key: number, length: number, isVolatile: boolean): number {
    return this.memory.entry(key, length, isVolatile ? EXPIRY_SLOT : 0);
  }
}

/** Bytes of a table at rest by its keys, worked out when they are asked for. */
class KnownTable {
  private readonly kind: TableKind;
  private readonly role: 'main' | 'expires';
  private readonly round: Rounder;
  /** By keys, 0 = not yet. */
  private readonly known: Float64Array;

  constructor(kind: TableKind, role: 'main' | 'expires', keyCount: number, round: Rounder) {
    this.kind = kind;
    this.role = role;
    this.round = round;
    // Asked for up to the key that would double the largest table there can be.
    this.known = new Float64Array(2 * keyCount + 2);
  }

  bytes(keys: number): number {
    if (this.known[keys] === 0)
      this.known[keys] = this.kind.tableBytes(this.role, keys, this.round);
    return this.known[keys];
  }
}

/** Fewer keys than these are no matter of memory. */
const SMALL_TABLE = 16;

/** The bytes of one server's table: as large as its most keys made it, if the limit let it be. */
class TableBytes {
  keys = 0;
  private readonly account: MemoryAccount;
  private readonly known: KnownTable;
  private readonly mayRefuse: boolean;
  /** The least and the most keys for which a table at rest has the array that this one has. */
  private least = 0;
  private most = SMALL_TABLE;
  private bytes = 0;

  constructor(account: MemoryAccount, known: KnownTable, { refusesGrowthAtLimit }: ServerProfile) {
    this.account = account;
    this.known = known;
    this.mayRefuse = refusesGrowthAtLimit;
  }

  add(): void {
    this.keys++;
    if (this.keys > this.most) this.grow();
    this.recount();
  }

  remove(): void {
    this.keys--;
    this.recount();
  }

  /** Up to the key behind which the array is another one; there, if the limit allows for it. */
  private grow(): void {
    const { known, account, mayRefuse } = this;
    const more = known.bytes(this.most + 1) - known.bytes(this.most);
    const isDoubled = more > 4 * this.most;
    if (isDoubled && mayRefuse && account.wouldExceed(more)) return;
    if (isDoubled) this.least = this.most + 1;
    this.most++;
  }

  private recount(): void {
    const { keys, least, most, known } = this;
    let bytes = keys === 0 ? 0 : known.bytes(Math.max(least, Math.min(most, keys)));
    // In an array that may not grow, keys come on top as those before did.
    if (keys > most) bytes += (keys - most) * (known.bytes(most) - known.bytes(most - 1));
    this.account.used += bytes - this.bytes;
    this.bytes = bytes;
  }
}
