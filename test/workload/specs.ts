import { parseWorkload } from '../../src/workload/parse.ts';
import type { WorkloadSpec } from '../../src/workload/spec.ts';

const DEFAULTS: Readonly<Record<string, unknown>> = {
  description: 'A workload of a test.',
  requests: 10_000,
  keys: { count: 1000 },
  popularity: { distribution: 'uniform' },
  values: { distribution: 'fixed', value: 100 },
};

/** A checked workload with one group: what a small test file with these settings would give. */
export function workload(settings: Readonly<Record<string, unknown>> = {}): WorkloadSpec {
  return parseWorkload(JSON.stringify({ ...DEFAULTS, ...settings }), 'test', 'test.json');
}

/** A checked workload of several groups, given by what each changes of the defaults. */
export function groupedWorkload(
  groups: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  requests = 10_000,
): WorkloadSpec {
  const { description, keys, popularity, values } = DEFAULTS;
  const complete = Object.fromEntries(
    Object.entries(groups).map(([name, settings]) => [
      name,
      { weight: 1, keys, popularity, values, ...settings },
    ]),
  );
  const content = { description, requests, groups: complete };
  return parseWorkload(JSON.stringify(content), 'test', 'test.json');
}
