import { UsageError } from '../errors.ts';
import { evictionsTarget, hitRatioTarget, missesTarget, type Target } from '../sizing/target.ts';
import type { Arguments } from './arguments.ts';

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
