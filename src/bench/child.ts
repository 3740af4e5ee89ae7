import { Bench, type FnReturnedObject } from 'tinybench';
import type * as Library from '../index.ts';
import type { Trace } from '../trace/trace.ts';
import { Calibration } from './calibration.ts';
import { replayMetrics, traceMetrics } from './metrics.ts';
import type { BenchTask, Metrics, Round } from './task.ts';

/** What a child process is told to do, as JSON in its first argument. */
export interface ChildOrder {
  /** URL of the entry of the build to be measured: this one's or another's. */
  readonly library: string;
  readonly task: BenchTask;
  readonly warmups: number;
  readonly samples: number;
}

/** The parts of a build that are measured. Those of another may be older: only what it has always had is asked of it. */
type Build = Pick<typeof Library, 'generate' | 'loadWorkload' | 'readTrace' | 'runCell'>;

/** CPU time of this process, ms: on a busy machine a sample doesn't count the time others had the processor. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

async function traceOf(
  { generate, loadWorkload, readTrace }: Build,
  task: BenchTask,
): Promise<Trace> {
  const { source } = task;
  if (source.kind === 'trace') return readTrace(source.path, source);
  const { requests, seed } = source;
  return generate(await loadWorkload(source.path, { requests, seed }));
}

/** One execution of the task, and what its last one decided. */
interface Work {
  readonly run: () => unknown;
  readonly metrics: () => Metrics;
}

async function workOf(build: Build, task: BenchTask): Promise<Work> {
  const { work, source } = task;
  if (work.kind === 'replay') {
    const trace = await traceOf(build, task);
    const { cell } = work;
    let result: ReturnType<Build['runCell']> | undefined;
    return {
      run: () => {
        result = build.runCell(trace, cell);
      },
      metrics: () => replayMetrics(result!),
    };
  }
  let trace: Trace | undefined;
  const metrics = (): Metrics => traceMetrics(trace!);
  if (source.kind === 'workload') {
    const { requests, seed } = source;
    const spec = await build.loadWorkload(source.path, { requests, seed });
    return {
      run: () => {
        trace = build.generate(spec);
      },
      metrics,
    };
  }
  return {
    run: async () => {
      trace = await build.readTrace(source.path, source);
    },
    metrics,
  };
}

/**
 * Warms up, then takes samples with tinybench, the calibration loop before and after each. Durations are handed to
 * tinybench rather than taken from it: it sorts them, and each belongs to its own calibrations.
 */
async function measure({ library, task, warmups, samples }: ChildOrder): Promise<Round> {
  const build = (await import(library)) as Build;
  const { run, metrics } = await workOf(build, task);
  const calibration = new Calibration();
  const calibrations: number[] = [];
  const durations: number[] = [];
  const bench = new Bench({
    now: cpuMs,
    throws: true,
    iterations: samples,
    time: 0,
    warmupIterations: warmups,
    warmupTime: 0,
  });
  const calibrate = (): void => {
    calibrations.push(calibration.measure(cpuMs));
  };
  const forgetWarmup = (): void => {
    calibrations.length = 0;
    durations.length = 0;
  };
  const timed = async (): Promise<FnReturnedObject> => {
    const started = cpuMs();
    await run();
    const overriddenDuration = cpuMs() - started;
    durations.push(overriddenDuration);
    return { overriddenDuration };
  };
  bench.add(task.id, timed, {
    async: true,
    beforeAll: forgetWarmup,
    beforeEach: calibrate,
    afterEach: calibrate,
  });
  await bench.run();
  return {
    metrics: metrics(),
    samples: durations.map((ms, i) => ({
      ns: (ms * 1e6) / task.requests,
      calibrationNs: (calibrations[2 * i] + calibrations[2 * i + 1]) / 2,
    })),
  };
}

const order = JSON.parse(process.argv[2]) as ChildOrder;
process.stdout.write(JSON.stringify(await measure(order)));
