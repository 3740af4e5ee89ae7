import { UsageError } from './errors.ts';

const SIZE_UNITS: Readonly<Record<string, number | undefined>> = {
  '': 1,
  b: 1,
  k: 1000,
  kb: 1024,
  m: 1000 ** 2,
  mb: 1024 ** 2,
  g: 1000 ** 3,
  gb: 1024 ** 3,
};

/**
 * Bytes of a size as redis.conf writes it: digits and an optional unit, case-insensitive (`100mb` = 100·1024²,
 * `100m` = 100·10⁶, no unit = bytes). No decimals, signs, spaces or other units: the server rejects them as well.
 * Throws UsageError naming `what`.
 */
export function parseSize(text: string, what: string): number {
  const match = /^(\d+)([a-z]*)$/i.exec(text);
  const unit = match === null ? undefined : SIZE_UNITS[match[2].toLowerCase()];
  const bytes = match === null || unit === undefined ? NaN : Number(match[1]) * unit;
  if (!Number.isSafeInteger(bytes)) {
    throw new UsageError(
      `${what}: "${text}" is not a size. Write a whole number of bytes, or one with a unit as in redis.conf: ` +
        `k, m, g (powers of 1000) or kb, mb, gb (powers of 1024), for example 100mb.`,
    );
  }
  return bytes;
}

const DURATION_UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/**
 * Milliseconds of a duration: a number with ms, s, m, h or d, several in a row allowed (`90s`, `1h30m`, `1.5d`).
 * Throws UsageError naming `what`.
 */
export function parseDuration(text: string, what: string): number {
  const parts = /^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+$/.test(text)
    ? text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)
    : undefined;
  if (parts === undefined) {
    throw new UsageError(
      `${what}: "${text}" is not a duration. Write a number with a unit: ms, s, m (minutes), h or d, ` +
        `for example 500ms, 90s, 1h30m, 7d.`,
    );
  }
  let ms = 0;
  for (const part of parts) ms += Number(part[1]) * DURATION_UNITS[part[2]];
  return ms;
}

/** Bytes for people, in the server's binary units: `5.2 MB` is 5.2 · 1024². */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (Math.abs(value) >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? value : Number(value.toPrecision(value < 1000 ? 3 : 4))} ${units[unit]}`;
}
