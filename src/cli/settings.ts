import { UsageError } from '../errors.ts';
import { parseMaxmemory } from '../replay/maxmemory.ts';
import { DEFAULT_SETTINGS } from '../replay/defaults.ts';
import type { Sweep } from '../replay/plan.ts';
import { ALLOCATORS } from '../servers/profile.ts';
import { DEFAULT_SERVER } from '../servers/registry.ts';
import { endMs } from '../trace/window.ts';
import { parseDuration, parseSize } from '../units.ts';
import type { Arguments } from './arguments.ts';
import type { Directive } from './redis-conf.ts';
import { parseWholeNumber } from './whole-number.ts';

/** What a newcomer gets: a quarter of the memory that would hold everything, so that policies have to choose. */
const DEFAULT_MAXMEMORY = '25%';
const MAX_INT32 = 0x7fff_ffff;
const TIMELINE_POINTS = 100;

/** The sweep that the options (first) and a redis.conf (second) ask for. Throws UsageError. */
export function sweepOf(args: Arguments, conf: ReadonlyMap<string, Directive>): Sweep {
  const defaults = DEFAULT_SETTINGS;
  const count = (name: string, min: number, max: number, fallback: number): number => {
    const option = args.one(name);
    return option === undefined ? fallback : parseWholeNumber(option, `--${name}`, min, max);
  };
  /** A count that is an option and a directive of the same name. */
  const setting = (name: string, min: number, max: number, fallback: number): number => {
    const directive = conf.get(name);
    if (args.one(name) !== undefined || directive === undefined) {
      return count(name, min, max, fallback);
    }
    return parseWholeNumber(directive.text, directive.what, min, max);
  };
  const bytes = (name: string): number | undefined => {
    const text = args.one(name);
    return text === undefined ? undefined : parseSize(text, `--${name}`);
  };
  const startupMemoryBytes = bytes('startup-memory');
  const clientMemoryBytes = bytes('client-memory');
  const servers = args.list('server');
  return {
    servers: servers.length === 0 ? [DEFAULT_SERVER] : servers,
    allocator: ALLOCATORS.find((allocator) => allocator === args.one('allocator')),
    policies: policies(args, conf),
    maxmemory: limits(args, conf),
    seeds: seeds(args),
    settings: {
      maxmemorySamples: setting('maxmemory-samples', 1, MAX_INT32, defaults.maxmemorySamples),
      lfuLogFactor: setting('lfu-log-factor', 0, MAX_INT32, defaults.lfuLogFactor),
      lfuDecayTime: setting('lfu-decay-time', 0, MAX_INT32, defaults.lfuDecayTime),
      hz: setting('hz', 1, 500, defaults.hz),
      activeExpireEffort: setting('active-expire-effort', 1, 10, defaults.activeExpireEffort),
      evictionTenacity: setting('maxmemory-eviction-tenacity', 0, 100, defaults.evictionTenacity),
      ...(startupMemoryBytes === undefined ? {} : { startupMemoryBytes }),
      ...(clientMemoryBytes === undefined ? {} : { clientMemoryBytes }),
      onMiss: args.one('on-miss') === 'none' ? 'none' : defaults.onMiss,
      pipeline: count('pipeline', 1, 1_000_000, defaults.pipeline),
      epochSeconds: count('epoch', 0, MAX_INT32 * 2, defaults.epochSeconds),
      serverTime: args.one('server-time') === 'none' ? 'none' : defaults.serverTime,
    },
    warmupRows: warmup(args.one('warmup')),
    timelineIntervalMs: timelineInterval(args),
  };
}

function policies(args: Arguments, conf: ReadonlyMap<string, Directive>): string[] {
  const given = args.list('policy');
  if (given.length > 0) return given;
  const directive = conf.get('maxmemory-policy');
  return directive === undefined ? ['all'] : [directive.text.toLowerCase()];
}

function limits(args: Arguments, conf: ReadonlyMap<string, Directive>): Sweep['maxmemory'] {
  const given = args.list('maxmemory');
  if (given.length > 0) return given.map((text) => parseMaxmemory(text, '--maxmemory'));
  const directive = conf.get('maxmemory');
  return directive === undefined
    ? [parseMaxmemory(DEFAULT_MAXMEMORY, '--maxmemory')]
    : [parseMaxmemory(directive.text, directive.what)];
}

function seeds(args: Arguments): number[] {
  const given = args.list('seed').map((text) => parseWholeNumber(text, '--seed'));
  const repeat = args.one('repeat');
  if (repeat === undefined) return given.length === 0 ? [1] : given;
  if (given.length > 1)
    throw new UsageError('--repeat counts up from one --seed; give one, or leave --repeat out.');
  const first = given[0] ?? 1;
  const count = parseWholeNumber(repeat, '--repeat', 1, 10_000);
  return Array.from({ length: count }, (_, i) => first + i);
}

function warmup(text: string | undefined): Sweep['warmupRows'] {
  if (text === undefined) return () => 0;
  const percent = /^(\d+(?:\.\d+)?)%$/.exec(text);
  const rows = percent === null ? parseWholeNumber(text, '--warmup') : undefined;
  if (percent !== null && Number(percent[1]) >= 100) {
    throw new UsageError(`--warmup ${text}: must be below 100%.`);
  }
  return (trace) => {
    const count = rows ?? Math.floor((trace.rows * Number(percent![1])) / 100);
    if (count >= trace.rows) {
      throw new UsageError(`--warmup ${text}: ${trace.name} has only ${trace.rows} requests.`);
    }
    return count;
  };
}

function timelineInterval(args: Arguments): Sweep['timelineIntervalMs'] {
  const text = args.one('timeline-interval');
  if (args.one('timeline') === undefined) {
    if (text !== undefined) throw new UsageError('--timeline-interval needs --timeline FILE.');
    return () => 0;
  }
  if (text !== undefined) {
    const ms = parseDuration(text, '--timeline-interval');
    if (ms < 1 || !Number.isInteger(ms)) {
      throw new UsageError(
        `--timeline-interval ${text}: must be a whole number of milliseconds, at least 1ms.`,
      );
    }
    return () => ms;
  }
  return (trace) => Math.max(1, Math.ceil(endMs(trace) / TIMELINE_POINTS));
}
