import { parseArgs } from 'node:util';
import { Commands } from '../../src/live/commands.ts';
import { Drive } from '../../src/live/drive.ts';
import { count, readInfo } from '../../src/live/info.ts';
import { hasLatencyTracking, removeFolder, temporaryFolder } from '../../src/live/launch.ts';
import { ownServers } from '../../src/live/live-server.ts';
import { serverBinary } from '../../src/live/server-binary.ts';
import { buildClockLibrary } from '../../src/live/trace-clock.ts';
import { goldenRows, goldenTrace } from './data.ts';

/**
 * Measures the cells of hit_ratio.csv again on servers that are on this machine, and prints rows for hit_ratio_more.csv:
 *
 *   node dist/test/golden/measure.js [--repeats 5] [--first 1] [--trace NAME] [--policy NAME] [--tuned] [--allocator NAME]
 *     server …
 *
 * Those with default settings, or with --tuned the others. As those cells were measured: a fresh server with its own defaults, which keeps histograms of latencies, its clock
 * following the trace, and no commands but those of the replay and INFO. `evictlab verify` warms the server up instead.
 */
const EPOCH_SECONDS = 1_700_000_000;
const PIPELINE = 16;
const PERIOD_MS = 100;
/** Allocators as the file names them: the size classes of large values have no name of their own there. */
const ALLOCATOR_OF: Readonly<Record<string, string>> = {
  'redis 7.0.15': 'jemalloc-q16',
  'redis 8.0.2': 'jemalloc-q16',
  'redis 8.0.6': 'jemalloc-q16',
  'redis 8.6.3': 'jemalloc-q16-pages',
  'valkey 8.1.1': 'jemalloc-q16',
  'valkey 9.1.2': 'jemalloc-q16',
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    repeats: { type: 'string', default: '5' },
    first: { type: 'string', default: '1' },
    trace: { type: 'string' },
    policy: { type: 'string' },
    tuned: { type: 'boolean', default: false },
    // Of a server built from its sources: jemalloc-q8, the bundled one.
    allocator: { type: 'string' },
  },
});
const signal = new AbortController().signal;
const folder = temporaryFolder();
const library = await buildClockLibrary(folder);
if (library.state === 'missing') throw new Error(library.reason);
const traceClock = { library: library.file, epochMs: EPOCH_SECONDS * 1000 };

for (const command of positionals) {
  const binary = await serverBinary(command);
  const build = `${binary.flavour} ${binary.version}`;
  for (const cell of cellsOf(binary.flavour, binary.version)) {
    const source = ownServers({
      binary,
      folder,
      port: undefined,
      traceClock,
      settings: {
        // Unknown before, and on by default since.
        ...(hasLatencyTracking(binary) && { 'latency-tracking': 'yes' }),
        maxmemory: cell.maxmemory_bytes,
        'maxmemory-policy': cell.policy,
        'maxmemory-samples': cell.maxmemory_samples,
        'lfu-log-factor': cell.lfu_log_factor,
        'lfu-decay-time': cell.lfu_decay_time,
      },
    });
    const first = Number(values.first);
    for (let repeat = first; repeat < first + Number(values.repeats); repeat++) {
      const server = await source.open(signal);
      if (server.clock === undefined) throw new Error('no trace clock');
      const { connection } = server;
      const trace = await goldenTrace(cell.trace);
      const empty = await readInfo(connection);
      const drive = new Drive(connection, new Commands(trace, ''), trace, {
        pipeline: PIPELINE,
        periodMs: PERIOD_MS,
        fillsMisses: true,
        signal,
      });
      await drive.byTraceClock(server.clock);
      const end = await readInfo(connection);
      await server.release();
      const { hits, misses } = drive;
      const keys = /keys=(\d+)/.exec(end.get('db0') ?? '')?.[1] ?? '0';
      console.log(
        [
          binary.flavour,
          binary.version,
          allocatorOf(build),
          cell.trace,
          cell.policy,
          cell.maxmemory_bytes,
          cell.maxmemory_samples,
          cell.lfu_log_factor,
          cell.lfu_decay_time,
          repeat,
          trace.rows,
          hits,
          misses,
          (hits / (hits + misses)).toFixed(6),
          count(end, 'evicted_keys'),
          count(end, 'expired_keys'),
          drive.oomErrors,
          keys,
          count(end, 'used_memory'),
          count(empty, 'used_memory'),
          count(end, 'used_memory_startup'),
          count(end, 'mem_clients_normal'),
        ].join(','),
      );
    }
  }
}
removeFolder(folder);

function allocatorOf(build: string): string | undefined {
  return values.allocator ?? ALLOCATOR_OF[build];
}

/** The measured cells; of a version that has none, those of Redis 8.0.6. */
function cellsOf(flavour: string, version: string): Record<string, string>[] {
  const all = goldenRows('hit_ratio.csv').filter(
    (row) =>
      row.repeat === '1' &&
      isTuned(row) === values.tuned &&
      (values.trace === undefined || row.trace === values.trace) &&
      (values.policy === undefined || row.policy === values.policy),
  );
  const allocator = allocatorOf(`${flavour} ${version}`);
  const own = all.filter((row) => row.server === flavour && row.version === version);
  const like = own.length > 0 ? own : all.filter((row) => row.version === '8.0.6');
  return like.filter((row) => row.allocator === allocator);
}

function isTuned(row: Record<string, string>): boolean {
  const { maxmemory_samples, lfu_log_factor, lfu_decay_time } = row;
  return maxmemory_samples !== '5' || lfu_log_factor !== '10' || lfu_decay_time !== '1';
}
