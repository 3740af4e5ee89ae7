import type { BenchSettings } from '../bench/baseline.ts';
import { UsageError } from '../errors.ts';
import { DEFAULT_SERVER } from '../servers/registry.ts';
import type { Arguments } from './arguments.ts';

/** Keys with and without TTLs, so that every policy has something to do. */
const DEFAULT_SOURCES = ['mixed-ttl'];
/** Enough for the cache to fill up; with all policies a run takes about a minute. */
const DEFAULT_REQUESTS = '100000';
const DEFAULT_MIN_EFFECT = 0.1;

/**
 * What a command line runs: what its options say, then what a baseline ran, then the defaults. Throws UsageError.
 */
export function benchSettings(args: Arguments, baseline: BenchSettings | undefined): BenchSettings {
  const sources = args.positionals('source');
  const one = (name: 'requests' | 'workload-seed' | 'format' | 'key-bytes' | 'seed') =>
    args.one(name) ?? baseline?.[name];
  const list = (name: 'server' | 'policy' | 'maxmemory', fallback: string): string[] => {
    const given = args.list(name);
    return given.length > 0 ? given : (baseline?.[name] ?? [fallback]);
  };
  const optional = (name: 'requests' | 'workload-seed' | 'format' | 'key-bytes') => {
    const text = one(name);
    return text === undefined ? {} : { [name]: text };
  };
  return {
    sources: sources.length > 0 ? sources : (baseline?.sources ?? DEFAULT_SOURCES),
    ...optional('requests'),
    ...optional('workload-seed'),
    ...optional('format'),
    ...optional('key-bytes'),
    server: list('server', DEFAULT_SERVER),
    policy: list('policy', 'all'),
    maxmemory: list('maxmemory', '25%'),
    seed: one('seed') ?? '1',
  };
}

/** Requests to generate when nothing was said. */
export const requestsToGenerate = (settings: BenchSettings): string =>
  settings.requests ?? DEFAULT_REQUESTS;

/** `10%` or `0.1`, above 0. Throws UsageError. */
export function minEffectOf(args: Arguments): number {
  const text = args.one('min-effect');
  if (text === undefined) return DEFAULT_MIN_EFFECT;
  const [, digits, percent] = /^(\d+(?:\.\d+)?)(%?)$/.exec(text) ?? [];
  const effect = Number(digits) / (percent === '%' ? 100 : 1);
  // A bare 10 could be meant as 10 % or as ten times.
  if (!(effect > 0 && (percent === '%' || effect < 1))) {
    throw new UsageError(`--min-effect: "${text}" is not a share of time. Write for example 10%.`);
  }
  return effect;
}
