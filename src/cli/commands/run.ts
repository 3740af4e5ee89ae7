import { checkWritable } from '../../atomic-file.ts';
import { UsageError } from '../../errors.ts';
import { plan } from '../../replay/plan.ts';
import { writeCsvTrace } from '../../trace/writers/csv.ts';
import { checkAssertionsApply, parseAssertion, violations, violationText } from '../assert.ts';
import type { Command } from '../command.ts';
import { processConsole, wantsColor } from '../console.ts';
import { EXIT_INTERRUPTED } from '../exit-codes.ts';
import { jobsOf } from '../jobs.ts';
import { loadSources } from '../load-sources.ts';
import {
  ASSERT_OPTIONS,
  OUTPUT_OPTIONS,
  REPLAY_OPTIONS,
  SERVER_OPTIONS,
  SOURCE_OPTIONS,
  UPGRADE_OPTIONS,
} from '../options.ts';
import { defaultResultsFile, outputOf } from '../output.ts';
import { readRedisConf } from '../redis-conf.ts';
import { runSweep } from '../run-sweep.ts';
import { checkSearchable, runSearches } from '../equal-hit-ratio.ts';
import { explainServers } from '../explain-servers.ts';
import { sweepOf } from '../settings.ts';
import { sourceOptions } from '../source-options.ts';
import { traceStoreOf } from '../stream.ts';

const DEFAULT_SOURCE = 'zipf-0.99';

/** Replays every source under every policy, limit, server and seed asked for. */
export const run: Command = {
  usage: 'run [source..]',
  summary: 'replay workloads or traces under every policy',
  build: (yargs) =>
    yargs
      .positional('source', {
        describe: `built-in workload, workload file or trace file (default ${DEFAULT_SOURCE})`,
        type: 'string',
        array: true,
      })
      .options(SERVER_OPTIONS)
      .options(REPLAY_OPTIONS)
      .options(SOURCE_OPTIONS)
      .options(OUTPUT_OPTIONS)
      .options(ASSERT_OPTIONS)
      .options(UPGRADE_OPTIONS)
      .example('$0 run zipf-0.99', 'every policy, a quarter of the footprint')
      .example('$0 run my-trace.csv.gz --maxmemory 64mb,128mb --policy all,reference', '')
      .example('$0 run scan-polluted --policy allkeys-lru --repeat 5', 'with a confidence interval')
      .example('$0 run t.csv --server debian-12,valkey-9.1', 'what would an upgrade change?')
      .example("$0 run t.csv --assert 'allkeys-lru.hit_ratio>=0.9'", 'exit 1 when it is less'),
  async run(args, signal) {
    const console = processConsole(args.flag('quiet'));
    const given = args.positionals('source');
    const sources = given.length === 0 ? [DEFAULT_SOURCE] : given;
    const confFile = args.one('redis-conf');
    const conf = confFile === undefined ? new Map() : await readRedisConf(confFile, console.warn);
    const sweep = sweepOf(args, conf);
    explainServers(sweep, console);
    const assertions = args.list('assert').map(parseAssertion);
    const searches = args.flag('equal-hit-ratio');
    if (searches) checkSearchable(args, sweep);
    const jobs = jobsOf(args);
    const verb = searches ? 'equal-hit-ratio' : 'run';
    const output = outputOf(args, defaultResultsFile(verb, sources));
    const saveTrace = args.one('save-trace');
    if (saveTrace !== undefined && sources.length > 1) {
      throw new UsageError(`--save-trace writes the trace of one source, got ${sources.length}.`);
    }
    for (const file of [output.file?.path, output.timeline, saveTrace]) {
      if (file !== undefined) await checkWritable(file);
    }
    const store = traceStoreOf(args, sweep, console.warn);
    try {
      const traces = await loadSources(sources, sourceOptions(args, console), signal, store);
      if (signal.aborted) return EXIT_INTERRUPTED;
      const cells = plan(traces, sweep);
      checkAssertionsApply(
        assertions,
        cells.map(({ cell }) => cell),
      );
      if (saveTrace !== undefined && !('spool' in traces[0])) {
        await writeCsvTrace(traces[0], saveTrace);
        console.note(`Wrote ${saveTrace} (${traces[0].rows} requests).`);
      }
      const options = {
        output,
        jobs,
        color: wantsColor(args.flag('color'), args.flag('no-color')),
        progress: !args.flag('quiet') && !args.flag('no-progress'),
        console,
        signal,
      };
      if (searches) return await runSearches(cells, options);
      return await runSweep(cells, {
        ...options,
        complaints: (results) => violations(assertions, results).map(violationText),
      });
    } finally {
      store.close();
    }
  },
};
