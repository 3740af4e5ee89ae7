import type { SpeedVerdict } from '../compare.ts';

/** `+12.3 %`, of a ratio of times. */
export function changeText(ratio: number): string {
  const percent = (ratio - 1) * 100;
  return `${percent < 0 ? '−' : '+'}${Math.abs(percent).toFixed(1)} %`;
}

/** `13.4 %` of a slowdown; ∞ where nothing could have been seen. */
export function effectText(effect: number): string {
  return Number.isFinite(effect) ? `${(effect * 100).toFixed(1)} %` : '∞';
}

/** One sentence about a speed verdict. */
export function speedText({ speed, ratio, interval, p, detectable }: SpeedVerdict): string {
  const what = {
    same: 'no regression',
    slower: 'slower',
    faster: 'faster',
    unclear: 'too noisy to say',
  }[speed];
  const range = `${changeText(interval.low)} … ${changeText(interval.high)}`;
  return (
    `${what}: time per request ${changeText(ratio)} (95 % interval ${range}, p ${p.toPrecision(2)}); ` +
    `a slowdown of ${effectText(detectable)} could have been seen`
  );
}
