import { UsageError } from '../errors.ts';
import type { RamOptions } from '../sizing/ram.ts';
import { evictionsTarget, hitRatioTarget, missesTarget, type Target } from '../sizing/target.ts';
import type { TtlRule } from '../sizing/ttl-change.ts';
import { MAX_TTL_SECONDS } from '../trace/ttl.ts';
import { parseDuration } from '../units.ts';
import type { Arguments } from './arguments.ts';
import { snapshotRateOf } from './snapshot-rate.ts';
import type { Changes } from './size-source.ts';

/** The targets of a command line; none = the knee. Throws UsageError. */
export function targetsOf(args: Arguments): Target[] {
  const targets: Target[] = [];
  const hitRatio = args.one('target-hit-ratio');
  if (hitRatio !== undefined) {
    const text = `--target-hit-ratio ${hitRatio}`;
    targets.push(hitRatioTarget(parseHitRatio(hitRatio), text));
  }
  for (const [name, target] of [
    ['max-misses-per-s', missesTarget],
    ['max-evictions-per-s', evictionsTarget],
  ] as const) {
    const text = args.one(name);
    if (text !== undefined) targets.push(target(parseRate(text, `--${name}`), `--${name} ${text}`));
  }
  return targets;
}

/** `0.95` or `95%`, above 0 and below 1. */
function parseHitRatio(text: string): number {
  const [, digits, percent] = /^(\d+(?:\.\d+)?|\.\d+)(%?)$/.exec(text) ?? [];
  const ratio = Number(digits) / (percent === '%' ? 100 : 1);
  if (ratio > 0 && ratio <= 1) return ratio;
  const hint = ratio > 1 && ratio <= 100 && percent !== '%' ? ` Did you mean ${text}%?` : '';
  throw new UsageError(
    `--target-hit-ratio: "${text}" is not a hit ratio above 0 and up to 1. Write for example 0.95 or 95%.${hint}`,
  );
}

function parseRate(text: string, what: string): number {
  const rate = /^(\d+(?:\.\d+)?|\.\d+)$/.test(text) ? Number(text) : NaN;
  if (rate >= 0) return rate;
  throw new UsageError(`${what}: "${text}" is not a number of 0 or more, per second.`);
}

const FACTORS = ['keys', 'traffic', 'value-bytes'] as const;

/** What is to be different about the workload. Throws UsageError. */
export function changesOf(args: Arguments): Changes {
  const [keys, traffic, valueBytes] = FACTORS.map((name) => {
    const text = args.one(name);
    return text === undefined ? 1 : parseFactor(text, `--${name}`);
  });
  return { keys, traffic, valueBytes, ttlRules: args.list('ttl').map(parseTtlRule) };
}

/** What TTLs are multiplied by, one after the other. Throws UsageError. */
export function ttlScalesOf(args: Arguments): number[] {
  const scales = args.list('ttl-scale').map((text) => parseFactor(text, '--ttl-scale'));
  return scales.length === 0 ? [1] : scales;
}

/** What is different, in the words of the command line. */
export function changeTexts(args: Arguments): string[] {
  return [...FACTORS, 'ttl'].flatMap((name) => args.list(name).map((text) => `--${name} ${text}`));
}

/** What is asked about the RAM for the answer. Throws UsageError where there will be none. */
export function ramOptionsOf(args: Arguments): RamOptions {
  const asked = ['snapshot-mb-per-s', 'platforms'].find((name) => args.has(name));
  const without = ['no-verify', 'maxmemory'].find((name) => args.has(name));
  if (asked !== undefined && without !== undefined) {
    throw new UsageError(
      `--${asked}: the RAM to provide is for an answer that a whole run confirms; leave --${without} out.`,
    );
  }
  return { snapshotBytesPerSecond: snapshotRateOf(args), platforms: args.flag('platforms') };
}

/** `x2`, `1.5`: above 0, up to 100. */
function parseFactor(text: string, what: string): number {
  const factor = /^x?(\d+(?:\.\d+)?|\.\d+)$/.exec(text)?.[1];
  const value = Number(factor);
  if (value > 0 && value <= 100) return value;
  throw new UsageError(
    `${what}: "${text}" is not a factor above 0 and up to 100. Write for example x2 or x1.5.`,
  );
}

/** `session:*=30m`, `*=none`. */
function parseTtlRule(text: string): TtlRule {
  const match = /^(.+)=([^=]+)$/.exec(text);
  if (match === null) {
    throw new UsageError(
      `--ttl: "${text}" is not a rule. Write a pattern of key names, = and a TTL, such as session:*=30m or *=none.`,
    );
  }
  const [, pattern, ttl] = match;
  if (ttl === 'none') return { pattern, ttlMs: undefined };
  const ttlMs = parseDuration(ttl, `--ttl ${text}`);
  if (ttlMs >= 1 && ttlMs <= MAX_TTL_SECONDS * 1000) return { pattern, ttlMs };
  throw new UsageError(`--ttl ${text}: a TTL is at least 1ms and at most ${MAX_TTL_SECONDS}s.`);
}
