import type { KeySample } from '../live/examine.ts';
import type { Host } from '../sizing/host.ts';
import { headroom, type Headroom, PROCESS_BYTES, USUAL_FRAGMENTATION } from '../sizing/headroom.ts';
import type { TraceHeadroom } from '../sizing/trace-headroom.ts';
import type { Allocator, ServerProfile } from '../servers/profile.ts';
import { parseSize } from '../units.ts';
import type { Settings } from './settings.ts';

/** Everything that rules may look at. What is not known is undefined or empty. */
export interface Facts {
  /** The server's configuration; undefined when only a machine is looked at. */
  readonly settings: Settings | undefined;
  readonly profile: ServerProfile;
  readonly allocator: Allocator;
  /** `7.0.15`, or the profile's release when only a file is known. */
  readonly version: string;
  /** Fields of INFO; empty without a server. */
  readonly info: ReadonlyMap<string, string>;
  readonly sample: KeySample | undefined;
  readonly host: Host | undefined;
  /** The server at its limit under the user's traffic; undefined = not simulated. */
  readonly traffic: TraceHeadroom | undefined;
  /** What the running server's configuration file says. */
  readonly file: Settings | undefined;
}

/** A field of INFO as a number; 0 where there is none. */
export function infoNumber({ info }: Facts, field: string): number {
  const value = Number(info.get(field) ?? 0);
  return Number.isFinite(value) ? value : 0;
}

/** Whether a server answered, so that INFO says how it does. */
export const isRunning = ({ info }: Facts): boolean => info.size > 0;

/** `maxmemory`, 0 = no limit or none that the server would take. */
export function maxmemoryOf({ settings }: Facts): number {
  const bytes = settings?.bytes('maxmemory') ?? 0;
  return Number.isNaN(bytes) ? 0 : bytes;
}

export const policyOf = ({ settings }: Facts): string =>
  settings?.text('maxmemory-policy').toLowerCase() ?? 'noeviction';

/** Keys, and keys with a TTL, over all databases. */
export function keyCounts({ info }: Facts): { keys: number; expires: number } {
  const databases = [...info].filter(([field]) => /^db\d+$/.test(field));
  const sum = (name: string): number =>
    databases.reduce((total, [, text]) => {
      return total + Number(new RegExp(`(?:^|,)${name}=(\\d+)`).exec(text)?.[1] ?? 0);
    }, 0);
  return { keys: sum('keys'), expires: sum('expires') };
}

/** Whether the server forks, and what for. */
export function forkReasons(facts: Facts): string[] {
  const { settings } = facts;
  if (settings === undefined) return [];
  const reasons = [];
  if (settings.text('save').trim() !== '') reasons.push(settings.quote('save'));
  if (settings.isYes('appendonly')) reasons.push(settings.quote('appendonly'));
  const replicas = infoNumber(facts, 'connected_slaves');
  if (replicas > 0) reasons.push(`connected_slaves ${replicas} (INFO)`);
  return reasons;
}

/** The hard limit of a class of clients in bytes, 0 = none. */
export function outputLimit(settings: Settings, clients: 'normal' | 'replica' | 'pubsub'): number {
  const names = clients === 'replica' ? 'replica|slave' : clients;
  const limits = settings
    .text('client-output-buffer-limit')
    .matchAll(new RegExp(`(?:^|\\s)(?:${names})\\s+(\\S+)\\s+\\S+\\s+\\S+`, 'g'));
  const last = [...limits].at(-1)?.[1];
  return last === undefined || !/^\d+[a-z]*$/i.test(last) ? 0 : parseSize(last, clients);
}

/** Below this, ratios of RSS to used_memory say more about the empty server than about its data. */
const MEASURABLE_BYTES = 64 * 2 ** 20;

/** RSS over used_memory: as it is, or as it usually is. */
export function fragmentationOf(facts: Facts): { ratio: number; isMeasured: boolean } {
  const used = infoNumber(facts, 'used_memory');
  const rss = infoNumber(facts, 'used_memory_rss');
  if (used < MEASURABLE_BYTES || rss < used) {
    return { ratio: USUAL_FRAGMENTATION, isMeasured: false };
  }
  return { ratio: Math.max(1, (rss - PROCESS_BYTES) / used), isMeasured: true };
}

/** Most bytes that a child costs at the limit: as simulated, else as seen and in proportion; undefined = not known. */
export function copiedAtLimit(facts: Facts): number | undefined {
  if (facts.traffic !== undefined) return facts.traffic.snapshot?.worstBytes;
  const last = Math.max(
    infoNumber(facts, 'rdb_last_cow_size'),
    infoNumber(facts, 'aof_last_cow_size'),
  );
  const used = infoNumber(facts, 'used_memory');
  // One that still lives may copy as much again: it says what it takes at least, and nothing by itself.
  if (last <= 0 || used <= 0) return undefined;
  const seen = Math.max(last, infoNumber(facts, 'current_cow_peak'));
  const atLimit = Math.max(used, maxmemoryOf(facts));
  // What a child of a small server takes in any case does not grow with the data.
  return Math.min((seen * atLimit) / used, atLimit * fragmentationOf(facts).ratio);
}

/** The RAM that the limit needs; undefined without a limit. */
export function headroomOf(facts: Facts): Headroom | undefined {
  const { settings, profile, allocator } = facts;
  if (facts.traffic !== undefined) return facts.traffic.headroom;
  const maxmemoryBytes = maxmemoryOf(facts);
  if (settings === undefined || maxmemoryBytes === 0) return undefined;
  const { keys, expires } = keyCounts(facts);
  const used = Math.max(1, infoNumber(facts, 'used_memory'));
  const growth = Math.max(1, maxmemoryBytes / used);
  return headroom({
    profile,
    allocator,
    maxmemoryBytes,
    keys: Math.round(keys * growth),
    volatileKeys: Math.round(expires * growth),
    fragmentation: fragmentationOf(facts).ratio,
    forks: forkReasons(facts).length > 0,
    copiedBytes: copiedAtLimit(facts),
    replicas: infoNumber(facts, 'connected_slaves'),
    replicaBufferBytes: outputLimit(settings, 'replica'),
    rewriteBytes: 0,
  });
}
