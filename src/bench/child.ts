import { Bench, type FnReturnedObject } from 'tinybench';
import type * as Library from '../index.ts';
import type { Trace } from '../trace/trace.ts';
import { Calibration } from './calibration.ts';
import { replayMetrics, traceMetrics } from './metrics.ts';
import type { BenchTask, Metrics, Round } from './task.ts';

/**
 * Executions of which a sample is the fastest. Others on the machine take cache and memory bandwidth by fits and starts,
 * and only ever slow a replay down: of three in a row one is likely to get by without.
 */
const TRIES = 3;

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

/** What a child process answers with, as JSON on stdout. */
export interface ChildResult extends Round {
  readonly metrics: Metrics;
}

/**
 * Warms up, then takes samples with tinybench, the calibration loop before each. Durations are handed to tinybench
 * rather than taken from it: it sorts them, and their order tells whether speed drifts.
 */
async function measure({ library, task, warmups, samples }: ChildOrder): Promise<ChildResult> {
  const build = (await import(library)) as Build;
  const { run, metrics } = await workOf(build, task);
  const calibration = new Calibration();
  const ns: number[] = [];
  const calibrationNs: number[] = [];
  const bench = new Bench({
    now: cpuMs,
    throws: true,
    iterations: samples,
    time: 0,
    warmupIterations: warmups,
    warmupTime: 0,
  });
  const timed = async (): Promise<FnReturnedObject> => {
    let overriddenDuration = Infinity;
    for (let i = 0; i < TRIES; i++) {
      const started = cpuMs();
      await run();
      overriddenDuration = Math.min(overriddenDuration, cpuMs() - started);
    }
    ns.push((overriddenDuration * 1e6) / task.requests);
    return { overriddenDuration };
  };
  bench.add(task.id, timed, {
    async: true,
    beforeEach: () => {
      calibrationNs.push(calibration.measure(cpuMs));
    },
    beforeAll: (mode) => {
      if (mode === 'warmup') return;
      ns.length = 0;
      calibrationNs.length = 0;
    },
  });
  await bench.run();
  return { metrics: metrics(), ns, calibrationNs };
}

const order = JSON.parse(process.argv[2]) as ChildOrder;
process.stdout.write(JSON.stringify(await measure(order)));
