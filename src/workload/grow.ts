import type { ArrivalSpec } from './arrival.ts';
import type { WorkloadSpec } from './spec.ts';

/** How much larger a workload gets; 1 = as it is. */
export interface Growth {
  readonly keys: number;
  readonly traffic: number;
}

/**
 * A workload with more keys of each group under the same law of popularity, so with a longer tail; and with more requests
 * a second for as long as before. Phases stay where they are, with as many keys as they name.
 */
export function grown(spec: WorkloadSpec, { keys, traffic }: Growth): WorkloadSpec {
  return {
    ...spec,
    requests: Math.round(spec.requests * traffic),
    arrival: withRate(spec.arrival, traffic),
    groups: spec.groups.map((group) => ({
      ...group,
      keys: { ...group.keys, count: Math.max(1, Math.round(group.keys.count * keys)) },
    })),
  };
}

function withRate(arrival: ArrivalSpec, factor: number): ArrivalSpec {
  const rate = arrival.rate * factor;
  if (arrival.pattern !== 'bursts') return { ...arrival, rate };
  return { ...arrival, rate, quiet_rate: arrival.quiet_rate * factor };
}
