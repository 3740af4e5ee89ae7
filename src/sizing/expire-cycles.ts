import { mix32 } from '../random.ts';
import type { Cell } from '../replay/cell.ts';
import { serverNamed } from '../servers/registry.ts';

const KEYS_PER_LOOP = 20;
const LOOPS_PER_TIME_CHECK = 16;
const ACCEPTABLE_STALE_PERCENT = 10;
/** Redis 5.0 (engine/active-expire.ts). */
const ACCEPTABLE_STALE_PERCENT_OF_RANDOM_KEYS = 25;
const SLOW_CPU_PERCENT = 25;
/** Stretches of a table, of which each has a list of its dead: a loop looks at one or a few of them. */
const STRETCHES = 1024;
const WORDS = STRETCHES / 32;
/** Lists of the keys that fall due at about the same time: within a tick of the timer, or a four-thousandth of the longest TTL. */
const DUE_LISTS = 4096;
/** Keys after which half of what was seen before is forgotten: a few loops' worth. */
const RECENT_KEYS = 64;
const NONE = -1;

/** What the cycle of one server after the other is told of, and does. */
export interface Mortals {
  /** Keys with a TTL in the table of server `lane`, the dead among them. */
  volatileKeys(lane: number): number;
  /** Of the servers of `lanes`, those in which `key` is dead at `nowMs`. */
  deadIn(key: number, lanes: number, nowMs: number): number;
  /** When the next server's `key` dies of those where it is alive at `nowMs`; Infinity if none does. */
  nextDeathMs(key: number, nowMs: number): number;
  /** The server of `lane` deletes a dead key. */
  expire(key: number, lane: number): void;
}

/**
 * The active expire cycles (engine/active-expire.ts) of several servers that hold keys of one trace: of which keys they come by
 * is known where those are in the order of the table, which is by hash and about the same for all; so nobody looks at the living. A
 * tick passes 20 of a table's keys, deletes the dead among them, and goes on as the server would.
 */
export class ExpireCycles {
  private readonly mortals: Mortals;
  private readonly salt: number;
  private readonly keysPerLoop: number;
  private readonly acceptableStalePercent: number;
  private readonly roundEndsCycle: boolean;
  private readonly budgetUs: number;
  private readonly sampleUs: number;
  private readonly deleteUs: number;
  private readonly dueListMs: number;
  /** Where in their tables the servers are, in stretches. */
  private readonly cursors: Float64Array;
  /** Per key, the servers in whose lists of the dead it is; alive or gone again, maybe, when its turn comes. */
  private readonly listedIn: Int32Array;
  /** Keys that were passed lately, and how many of them were dead, by server. */
  private readonly recent: Float64Array;
  private readonly recentDead: Float64Array;
  /** Loops of a cycle on average, by the percent of its keys that are dead. */
  private readonly loops: Float64Array;
  /** Bits of the stretches that have somebody in their lists, by server. */
  private readonly busy: Int32Array;
  /** Per key, in which list of those that fall due it is; what is in others as well is out of date there. */
  private readonly dueIn: Int32Array;
  /** Heads of the lists of dead keys, by server and stretch, and of those that fall due, by time. */
  private readonly dead: Int32Array;
  private readonly due = new Int32Array(DUE_LISTS).fill(NONE);
  /** The list that is looked at next, counted from the start. */
  private nextList = 0;
  private readonly startMs: number;
  private readonly nodes = new Nodes();

  /** `longestMs`: of the TTLs there are. */
  constructor(
    mortals: Mortals,
    cell: Cell,
    options: {
      lanes: number;
      keyCount: number;
      longestMs: number;
      startMs: number;
      salt: number;
    },
  ) {
    const { lanes, keyCount, longestMs, startMs, salt } = options;
    const profile = serverNamed(cell.server);
    const isRandom = profile.expire.visiting === 'random';
    const effort = isRandom ? 0 : cell.activeExpireEffort - 1;
    this.mortals = mortals;
    this.salt = mix32(salt);
    this.keysPerLoop = KEYS_PER_LOOP + 5 * effort;
    this.acceptableStalePercent = isRandom
      ? ACCEPTABLE_STALE_PERCENT_OF_RANDOM_KEYS
      : ACCEPTABLE_STALE_PERCENT - effort;
    this.roundEndsCycle = profile.expire.visiting === 'one-round';
    const budgetUs = ((SLOW_CPU_PERCENT + 2 * effort) * 10_000) / cell.hz;
    this.budgetUs = cell.serverTime === 'none' ? Infinity : budgetUs;
    this.sampleUs = profile.costs.expireSampleUs;
    this.deleteUs = profile.costs.expireDeleteUs;
    // Nobody looks more often than once a tick.
    const shortestMs = Math.max(1, 1000 / cell.hz);
    this.dueListMs = Math.max(shortestMs, Math.ceil((longestMs + 2) / (DUE_LISTS - 2)));
    this.cursors = new Float64Array(lanes);
    this.listedIn = new Int32Array(keyCount);
    this.recent = new Float64Array(lanes);
    this.recentDead = new Float64Array(lanes);
    this.loops = Float64Array.from({ length: 101 }, (_, percent) => this.loopsAt(percent / 100));
    this.busy = new Int32Array(lanes * WORDS);
    this.dueIn = new Int32Array(longestMs > 0 ? keyCount : 0).fill(NONE);
    this.dead = new Int32Array(lanes * STRETCHES).fill(NONE);
    this.startMs = startMs;
  }

  /** Some server was told that `key` lives until `atMs`. */
  fallsDue(key: number, atMs: number): void {
    const { dueIn, due } = this;
    const list = Math.max(this.nextList, Math.floor((atMs - this.startMs) / this.dueListMs));
    // Who is looked at earlier anyway is asked then when to look again.
    if (dueIn[key] !== NONE && dueIn[key] <= list) return;
    dueIn[key] = list;
    due[list % DUE_LISTS] = this.nodes.add(key, due[list % DUE_LISTS]);
  }

  /** Whoever has died until `nowMs` is known to have. */
  advanceTo(nowMs: number): void {
    const { due, dueIn, nodes, mortals } = this;
    const ready = Math.floor((nowMs - this.startMs) / this.dueListMs);
    for (; this.nextList < ready; this.nextList++) {
      let node = due[this.nextList % DUE_LISTS];
      due[this.nextList % DUE_LISTS] = NONE;
      while (node !== NONE) {
        const key = nodes.key(node);
        node = nodes.drop(node);
        if (dueIn[key] !== this.nextList) continue;
        dueIn[key] = NONE;
        this.list(key, nowMs);
        const next = mortals.nextDeathMs(key, nowMs);
        if (next !== Infinity) this.fallsDue(key, Math.max(next, nowMs));
      }
    }
  }

  /** Puts a key into the lists of the servers in which it is dead. */
  private list(key: number, nowMs: number): void {
    const { dead, busy, listedIn, nodes } = this;
    const lanes = this.mortals.deadIn(key, ~listedIn[key], nowMs);
    const stretch = Math.floor(this.placeOf(key));
    for (let rest = lanes; rest !== 0; rest &= rest - 1) {
      const lane = 31 - Math.clz32(rest & -rest);
      const list = lane * STRETCHES + stretch;
      dead[list] = nodes.add(key, dead[list]);
      busy[list >> 5] |= 1 << (list & 31);
    }
    listedIn[key] |= lanes;
  }

  /** The timer ticks in the server of `lane`. */
  tick(lane: number, nowMs: number): void {
    const { mortals, cursors, keysPerLoop } = this;
    let elapsedUs = 0;
    for (let loop = 1; ; loop++) {
      const size = mortals.volatileKeys(lane);
      if (size === 0) return;
      const wanted = Math.min(size, keysPerLoop);
      const from = cursors[lane];
      const to = from + (STRETCHES * wanted) / size;
      const expired = this.pass(lane, from, to, nowMs);
      const isRoundOver = to >= STRETCHES;
      cursors[lane] = isRoundOver ? (to - STRETCHES) % STRETCHES : to;
      if (isRoundOver && this.roundEndsCycle) return;
      elapsedUs += wanted * this.sampleUs + expired * this.deleteUs;
      if (loop % LOOPS_PER_TIME_CHECK === 0 && elapsedUs > this.budgetUs) return;
      if (Math.floor((expired * 100) / wanted) <= this.acceptableStalePercent) return;
    }
  }

  /**
   * `ticks` of a timer pass in the server of `lane`, whose table is a part, one key in `weight`, of the one that is meant: of what cycles
   * look at it has its share. How often one goes on is told by how many of the keys that were passed last were dead.
   */
  flow(lane: number, ticks: number, weight: number, nowMs: number): void {
    const { cursors, recent, recentDead } = this;
    const size = this.mortals.volatileKeys(lane);
    if (size === 0) return;
    const whole = size * weight;
    const stale = recent[lane] === 0 ? 0 : recentDead[lane] / recent[lane];
    const perTick = Math.min(whole, this.loops[Math.round(100 * stale)] * this.keysPerLoop);
    const share = Math.min(1, (ticks * perTick) / whole);
    const from = cursors[lane];
    const expired = this.pass(lane, from, from + share * STRETCHES, nowMs);
    cursors[lane] = (from + share * STRETCHES) % STRETCHES;
    const kept = 2 ** ((-share * size) / RECENT_KEYS);
    recent[lane] = recent[lane] * kept + share * size;
    recentDead[lane] = Math.min(recent[lane], recentDead[lane] * kept + expired);
  }

  /** Deletes the dead from one place of a table to another; how many there were. */
  private pass(lane: number, from: number, to: number, nowMs: number): number {
    const { busy } = this;
    let expired = 0;
    for (let stretch = Math.floor(from); stretch < to; stretch++) {
      const turn = stretch >= STRETCHES ? STRETCHES : 0;
      const list = lane * STRETCHES + stretch - turn;
      const word = busy[list >> 5] >>> (list & 31);
      if (word === 0) stretch |= 31;
      else if (word & 1) expired += this.passStretch(lane, list, from - turn, to - turn, nowMs);
    }
    return expired;
  }

  private passStretch(lane: number, list: number, from: number, to: number, nowMs: number): number {
    const { mortals, dead, nodes, listedIn, busy } = this;
    let expired = 0;
    let before = NONE;
    for (let node = dead[list]; node !== NONE;) {
      const key = nodes.key(node);
      const place = this.placeOf(key);
      if (place < from || place >= to) {
        before = node;
        node = nodes.next(node);
        continue;
      }
      node = nodes.drop(node);
      if (before === NONE) dead[list] = node;
      else nodes.link(before, node);
      listedIn[key] &= ~(1 << lane);
      // Somebody may have asked for it meanwhile, or written it again.
      if (mortals.deadIn(key, 1 << lane, nowMs) === 0) continue;
      mortals.expire(key, lane);
      expired++;
    }
    if (dead[list] === NONE) busy[list >> 5] &= ~(1 << (list & 31));
    return expired;
  }

  /** A loop is the last one when few of its keys were dead, or when time is up. */
  private loopsAt(stale: number): number {
    const { keysPerLoop, acceptableStalePercent } = this;
    let last = 0;
    let chance = (1 - stale) ** keysPerLoop;
    for (let dead = 0; dead <= keysPerLoop && stale < 1; dead++) {
      if (Math.floor((dead * 100) / keysPerLoop) > acceptableStalePercent) break;
      last += chance;
      chance *= ((keysPerLoop - dead) / (dead + 1)) * (stale / (1 - stale));
    }
    const loopUs = keysPerLoop * (this.sampleUs + stale * this.deleteUs);
    const looks = Math.floor(this.budgetUs / (LOOPS_PER_TIME_CHECK * loopUs)) + 1;
    return Math.min(1 / last, looks * LOOPS_PER_TIME_CHECK);
  }

  /** Where in the table a key is, in stretches. */
  private placeOf(key: number): number {
    return (mix32(key ^ this.salt) >>> 0) * (STRETCHES / 2 ** 32);
  }
}

/** Nodes of linked lists, in columns: a key and the next node. */
class Nodes {
  private columns = new Int32Array(2 * 1024);
  private used = 0;
  private free = NONE;

  key(node: number): number {
    return this.columns[node];
  }

  next(node: number): number {
    return this.columns[node + 1];
  }

  link(node: number, next: number): void {
    this.columns[node + 1] = next;
  }

  add(key: number, next: number): number {
    let node = this.free;
    if (node === NONE) {
      if (this.used === this.columns.length) this.grow();
      node = this.used;
      this.used += 2;
    } else this.free = this.columns[node + 1];
    this.columns[node] = key;
    this.columns[node + 1] = next;
    return node;
  }

  /** Frees a node; the next one. */
  drop(node: number): number {
    const next = this.columns[node + 1];
    this.columns[node + 1] = this.free;
    this.free = node;
    return next;
  }

  private grow(): void {
    const larger = new Int32Array(2 * this.columns.length);
    larger.set(this.columns);
    this.columns = larger;
  }
}
