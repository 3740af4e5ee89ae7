import type { Random } from '../../src/random.ts';
import type { BenchTask, Metrics, Round, TaskResult } from '../../src/bench/task.ts';

/** A task that was never run: results are made up for it. */
export function someTask(id: string): BenchTask {
  return {
    id,
    workload: 'w',
    requests: 1000,
    maxmemory: undefined,
    source: { kind: 'workload', path: 'w.yaml' },
    work: { kind: 'generate' },
  };
}

export interface Noise {
  /** Standard deviation, as a share, of what processes have in common and of each sample. */
  readonly process: number;
  readonly sample: number;
  /** Share of samples that something disturbs, and takes half as long again. */
  readonly disturbed: number;
}

/** As measured on a busy virtual machine of two cores. */
export const BUSY_MACHINE: Noise = { process: 0.04, sample: 0.06, disturbed: 0.03 };

/** Ten processes of two samples each around `ns`, on a machine that takes `machine` times as long. */
export function someResult(
  id: string,
  ns: number,
  random: Random,
  { machine = 1, noise = BUSY_MACHINE, metrics = { hits: 1 } }: Options = {},
): TaskResult {
  const rounds = Array.from({ length: 10 }, (): Round => {
    const luck = 1 + noise.process * normal(random);
    const sample = (of: number): number => {
      const slow = random.float() < noise.disturbed ? 1.5 : 1;
      return of * machine * slow * Math.exp(noise.sample * normal(random));
    };
    return {
      ns: Array.from({ length: 2 }, () => sample(ns * luck)),
      calibrationNs: Array.from({ length: 2 }, () => sample(30)),
    };
  });
  return { task: someTask(id), metrics, rounds };
}

interface Options {
  readonly machine?: number;
  readonly noise?: Noise;
  readonly metrics?: Metrics;
}

function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(random.openFloat())) * Math.cos(2 * Math.PI * random.float());
}
