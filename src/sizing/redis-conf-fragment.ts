import { percent } from '../report/words.ts';
import { formatBytes } from '../units.ts';
import { estimate, HIT_RATIO } from './point.ts';
import type { ServerSizing, Sizing } from './sizing.ts';

/** What to paste into redis.conf, with its evidence; undefined when nothing can be recommended. */
export function redisConfFragment(
  { workload, changes, requests, facts, targets }: Sizing,
  { best, verified, ram, server, ttlScale }: ServerSizing,
): string | undefined {
  if (best === undefined || !verified?.meetsTargets) return undefined;
  const { cell } = verified.point;
  const ratio = estimate(verified.point, HIT_RATIO, facts)?.mean;
  const asked =
    targets.length === 0
      ? 'the knee of the curve'
      : targets.map((target) => target.text).join(', ');
  const { interval } = best;
  const bytes = (size: number): string => formatBytes(Math.round(size));
  const lines = [
    `# evictlab size ${[workload, ...changes, ...(ttlScale === 1 ? [] : [`--ttl-scale ${ttlScale}`])].join(' ')}: ${asked}, ${server}.`,
    `# ${ratio === undefined ? 'Replayed' : `${percent(ratio)} hits`} in a replay of ${requests.toLocaleString('en-US')} requests` +
      `${facts.warmupRows > 0 ? `, the first ${facts.warmupRows.toLocaleString('en-US')} not counted` : ''}.`,
    ...(interval === undefined
      ? []
      : [
          `# Estimated need: ${bytes(best.bytes)} (95 %: ${bytes(interval[0])} … ${bytes(interval[1])}).`,
        ]),
    ...(ram === undefined
      ? []
      : [`# RAM to provide: ${bytes(ram.headroom.totalBytes)}, of a server that saves.`]),
    `maxmemory ${verified.maxmemory}`,
    `maxmemory-policy ${cell.policy}`,
    `maxmemory-samples ${cell.maxmemorySamples}`,
    ...(cell.policy.endsWith('-lfu')
      ? [`lfu-log-factor ${cell.lfuLogFactor}`, `lfu-decay-time ${cell.lfuDecayTime}`]
      : []),
  ];
  return `${lines.join('\n')}\n`;
}
