import { UsageError } from '../errors.ts';
import { traceFacts } from '../sizing/facts.ts';
import { withKeys, withTraffic, withValueBytes } from '../sizing/growth.ts';
import { isTooShort } from '../sizing/length.ts';
import { counted } from '../report/words.ts';
import { HIT_RATIO } from '../sizing/point.ts';
import type { Target } from '../sizing/target.ts';
import { withTtls, type TtlRule } from '../sizing/ttl-change.ts';
import { keyName, type Trace } from '../trace/trace.ts';
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
  let idleRules: readonly TtlRule[] = [];
  const make = async (requests: number | undefined): Promise<Trace> => {
    const length = { ...options, ...(requests === undefined ? {} : { requests }) };
    const made = await (isWorkload ? generatedTrace : readTrace)(source, length, changes);
    idleRules = made.idleRules;
    return made.trace;
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
  for (const { pattern } of idleRules) {
    note(
      `--ttl: "${pattern}" is the first rule to fit for no key of ${trace.name}, so it changes nothing; ` +
        `its keys are named like ${keyName(trace, 0)}.`,
    );
  }
  const left = trace.rows - facts.warmupRows;
  if (left < FEWEST_ROWS) {
    throw new UsageError(
      `${trace.name}: ${counted(left, 'request')} after the warm-up ${left === 1 ? 'is' : 'are'} too few to size anything by; ` +
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

/** A trace with its changes, and the rules for TTLs that decide for none of its keys. */
interface Changed {
  readonly trace: Trace;
  readonly idleRules: readonly TtlRule[];
}

/** Keys and traffic of a workload grow before it is generated; `requests` are those of the grown one. */
async function generatedTrace(
  source: string,
  options: SourceOptions,
  changes: Changes,
): Promise<Changed> {
  const { workloadSeed, requests } = options;
  const spec = await loadWorkload(source, { seed: workloadSeed });
  const larger = grown(spec, changes);
  return changed(generate({ ...larger, requests: requests ?? larger.requests }), changes);
}

async function readTrace(
  source: string,
  options: SourceOptions,
  changes: Changes,
): Promise<Changed> {
  const { trace, idleRules } = changed(await traceOf(source, options), changes);
  const { keys, traffic } = changes;
  const larger = keys === 1 ? trace : withKeys(trace, keys);
  return { trace: traffic === 1 ? larger : withTraffic(larger, traffic), idleRules };
}

function changed(trace: Trace, { ttlRules, valueBytes }: Changes): Changed {
  const ruled = ttlRules.length === 0 ? { trace, idleRules: [] } : withTtls(trace, ttlRules);
  if (valueBytes === 1) return ruled;
  return { ...ruled, trace: withValueBytes(ruled.trace, valueBytes) };
}
