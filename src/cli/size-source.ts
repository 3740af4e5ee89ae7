import { UsageError } from '../errors.ts';
import { traceFacts } from '../sizing/facts.ts';
import { withKeys, withTraffic, withValueBytes } from '../sizing/growth.ts';
import { isTooShort } from '../sizing/length.ts';
import { HIT_RATIO } from '../sizing/point.ts';
import type { Target } from '../sizing/target.ts';
import { withTtls, type TtlRule } from '../sizing/ttl-change.ts';
import type { Trace } from '../trace/trace.ts';
import { generate } from '../workload/generate.ts';
import { grown, type Growth } from '../workload/grow.ts';
import { loadWorkload } from '../workload/load.ts';
import type { Console } from './console.ts';
import { traceOf, workloadFileOf, type SourceOptions } from './source.ts';

/** What if: factors of 1 and no rules leave a workload as it is. */
export interface Changes extends Growth {
  readonly valueBytes: number;
  readonly ttlRules: readonly TtlRule[];
}

/** With fewer requests to count, a hit ratio is mostly chance. */
const FEWEST_ROWS = 1000;

/**
 * The trace of a source with its changes, long enough for the targets: a workload file is generated with more requests
 * than it says when first requests of its keys would decide the answer, unless the user gave a number. Throws UsageError
 * for what can't be sized.
 */
export async function sizableTrace(
  source: string,
  options: SourceOptions,
  changes: Changes,
  targets: readonly Target[],
  warmupRows: (trace: Trace) => number,
  { note }: Console,
): Promise<Trace> {
  const isWorkload = (await workloadFileOf(source, options.format)) !== undefined;
  const make = (requests: number | undefined): Promise<Trace> => {
    const length = { ...options, ...(requests === undefined ? {} : { requests }) };
    return isWorkload
      ? generatedTrace(source, length, changes)
      : readTrace(source, length, changes);
  };
  let trace = await make(options.requests);
  let facts = traceFacts(trace, warmupRows(trace));
  if (isWorkload && options.requests === undefined) {
    const own = trace.rows;
    while (isTooShort(trace.rows, facts, targets)) {
      trace = await make(trace.rows * 2);
      facts = traceFacts(trace, warmupRows(trace));
    }
    if (trace.rows > own) {
      const [before, after] = [own, trace.rows].map((rows) => rows.toLocaleString('en-US'));
      note(
        `${before} requests are too few for this target: first requests of a key would be more than half of the ` +
          `misses it allows. Generated ${after}; --requests N says otherwise.`,
      );
    }
  }
  if (trace.rows - facts.warmupRows < FEWEST_ROWS) {
    throw new UsageError(
      `${trace.name}: ${trace.rows - facts.warmupRows} requests after the warm-up are too few to size anything by; ` +
        `${FEWEST_ROWS} are the least. Give a longer trace, more --requests or a shorter --warmup.`,
    );
  }
  if (facts.lookups === 0 && targets.some(({ measure }) => measure === HIT_RATIO)) {
    throw new UsageError(
      `${trace.name} looks no key up (get, touch), so it has no hit ratio. Ask for --max-evictions-per-s instead.`,
    );
  }
  if (facts.seconds <= 0 && targets.some(({ measure }) => measure !== HIT_RATIO)) {
    throw new UsageError(
      `${trace.name} takes no time, so it has no rates. Ask for --target-hit-ratio.`,
    );
  }
  return trace;
}

/** Keys and traffic of a workload grow before it is generated; `requests` are those of the grown one. */
async function generatedTrace(
  source: string,
  options: SourceOptions,
  changes: Changes,
): Promise<Trace> {
  const { workloadSeed, requests } = options;
  const spec = await loadWorkload(source, { seed: workloadSeed });
  const larger = grown(spec, changes);
  return changed(generate({ ...larger, requests: requests ?? larger.requests }), changes);
}

async function readTrace(source: string, options: SourceOptions, changes: Changes): Promise<Trace> {
  const trace = changed(await traceOf(source, options), changes);
  const { keys, traffic } = changes;
  const larger = keys === 1 ? trace : withKeys(trace, keys);
  return traffic === 1 ? larger : withTraffic(larger, traffic);
}

function changed(trace: Trace, { ttlRules, valueBytes }: Changes): Trace {
  const ruled = ttlRules.length === 0 ? trace : withTtls(trace, ttlRules);
  return valueBytes === 1 ? ruled : withValueBytes(ruled, valueBytes);
}
