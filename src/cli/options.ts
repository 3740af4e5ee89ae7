import { ALLOCATORS } from '../servers/profile.ts';
import { DEFAULT_SERVER } from '../servers/registry.ts';
import { BENCH_REPORTS } from '../bench/reports/registry.ts';
import { REPORTS } from '../report/registry.ts';
import { TRACE_READERS } from '../trace/readers/registry.ts';
import { only, type OptionTable, toggle, value, values } from './option-table.ts';

const WORKLOAD = 'Workload:';
/** How sources become traces. */
export const SOURCE_OPTIONS: OptionTable = {
  requests: value(WORKLOAD, 'requests to generate; of a trace file, the first N'),
  'workload-seed': value(WORKLOAD, "seed of the generated workload, instead of the file's"),
  format: value(WORKLOAD, 'trace format, when the file name does not say', {
    choices: TRACE_READERS.map((reader) => reader.name),
  }),
  'key-bytes': value(WORKLOAD, 'length of keys in traces without key names (default 16)'),
  'save-trace': value(WORKLOAD, 'write the trace as CSV (.gz: compressed), for one source'),
  stream: toggle(WORKLOAD, 'requests are kept on disk, not in memory: for long traces'),
  'stream-dir': value(WORKLOAD, 'in this folder, 17 bytes each (default: the temporary one)'),
};

const SERVER = 'Server:';
/** What is replayed on. */
export const SERVER_OPTIONS: OptionTable = {
  policy: values(SERVER, 'policies, comma list or repeated; all, server, reference (default all)'),
  maxmemory: values(
    SERVER,
    "100mb, 64m, 10% of the workload's footprint, 0 = no limit (default 25%)",
  ),
  server: values(
    SERVER,
    `server (default ${DEFAULT_SERVER}): redis-7.2, valkey-8.1.3, debian-12 …; see "list servers"`,
  ),
  allocator: value(SERVER, "allocator build (default: the server's)", { choices: ALLOCATORS }),
  'redis-conf': value(SERVER, 'take maxmemory*, lfu-*, hz, active-expire-effort from a redis.conf'),
  'maxmemory-samples': value(SERVER, 'candidates drawn per eviction (default 5)'),
  'lfu-log-factor': value(SERVER, 'as in redis.conf (default 10)'),
  'lfu-decay-time': value(SERVER, 'minutes, as in redis.conf (default 1)'),
  hz: value(SERVER, 'as in redis.conf (default 10)'),
  'active-expire-effort': value(SERVER, 'as in redis.conf (default 1)'),
  'maxmemory-eviction-tenacity': value(SERVER, 'as in redis.conf (default 10)'),
  'startup-memory': value(SERVER, "bytes of the empty server (default: the profile's)"),
  'client-memory': value(SERVER, "bytes of the clients' buffers (default: one idle client)"),
};

const REPLAY = 'Replay:';
/** How it is replayed. */
export const REPLAY_OPTIONS: OptionTable = {
  'on-miss': value(REPLAY, 'look-aside: a get that misses is followed by a set (default fill)', {
    choices: ['fill', 'none'],
  }),
  pipeline: value(REPLAY, 'requests under way at once within one timer period (default 16)'),
  epoch: value(REPLAY, 'unix time of trace time 0, seconds (default 1700000000)'),
  'server-time': value(REPLAY, "whether the server's own work takes time (default modelled)", {
    choices: ['none', 'modelled'],
  }),
  warmup: value(REPLAY, 'leave the first N requests, or 10%, out of the counts'),
  seed: values(REPLAY, "seeds of the server's randomness, comma list or repeated (default 1)"),
  repeat: value(REPLAY, 'this many seeds, counting up from --seed'),
  jobs: value(REPLAY, 'worker threads (default: all cores)'),
};

const OUTPUT = 'Output:';
/** What comes out. */
export const OUTPUT_OPTIONS: OptionTable = {
  out: value(OUTPUT, 'results file, - for stdout (default: results/run-<workload>.csv)'),
  'output-format': value(OUTPUT, 'form of the results; without --out, on stdout', {
    choices: REPORTS.map((report) => report.name),
  }),
  timeline: value(OUTPUT, 'write a CSV over trace time'),
  'timeline-interval': value(OUTPUT, 'such as 500ms, 10s, 1m (default: a hundredth of the trace)'),
  quiet: toggle(OUTPUT, 'no table, no notes; files and errors only'),
  'no-progress': toggle(OUTPUT, 'no progress bar (there is none unless stderr is a terminal)'),
  color: toggle(OUTPUT, 'colours even when stdout is no terminal'),
  'no-color': toggle(OUTPUT, 'no colours'),
};

const LIVE = 'Real server:';
/** Of the verify command. */
export const VERIFY_OPTIONS: OptionTable = {
  'server-bin': value(LIVE, 'start this server: redis-server (default), valkey-server or a path'),
  'server-port': value(LIVE, 'its port on the loopback interface (default: a free one)'),
  clock: value(LIVE, "what a started server's clock follows (default real)", {
    choices: ['real', 'trace'],
  }),
  url: value(
    LIVE,
    'use this server: redis://, rediss:// or unix://; password also in REDISCLI_AUTH',
  ),
  'tls-ca': value(LIVE, 'certificates of authorities, PEM'),
  'tls-cert': value(LIVE, 'certificate of this client, PEM'),
  'tls-key': value(LIVE, 'its private key, PEM'),
  'key-prefix': value(LIVE, 'what keys start with on a server named by --url (default evictlab:)'),
  'allow-nonempty': toggle(LIVE, 'even if it holds keys, which may then be evicted'),
  'server-repeat': value(LIVE, 'replays on the server per policy (default 1)'),
  policy: {
    ...SERVER_OPTIONS.policy,
    describe: "policies (default all; with --url the server's own)",
  },
  maxmemory: {
    ...SERVER_OPTIONS.maxmemory,
    describe: "as for run (default 25%; with --url the server's own)",
  },
  server: {
    ...SERVER_OPTIONS.server,
    array: false,
    describe: 'profile (default: what the server is)',
  },
  allocator: { ...SERVER_OPTIONS.allocator, describe: 'allocator build (default: as measured)' },
  ...only(SERVER_OPTIONS, [
    'redis-conf',
    'maxmemory-samples',
    'lfu-log-factor',
    'lfu-decay-time',
    'hz',
    'active-expire-effort',
    'maxmemory-eviction-tenacity',
  ]),
  ...only(SOURCE_OPTIONS, ['requests', 'workload-seed', 'format', 'key-bytes']),
  ...only(REPLAY_OPTIONS, ['on-miss', 'pipeline', 'seed']),
  epoch: {
    ...REPLAY_OPTIONS.epoch,
    describe: 'unix time of trace time 0 with --clock trace (default 1700000000)',
  },
  repeat: { ...REPLAY_OPTIONS.repeat, describe: 'seeds of the engine (default 5)' },
  jobs: {
    ...REPLAY_OPTIONS.jobs,
    describe: 'replays at a time on started servers (default: all cores)',
  },
  ...only(OUTPUT_OPTIONS, ['output-format', 'quiet', 'no-progress', 'color', 'no-color']),
  out: {
    ...OUTPUT_OPTIONS.out,
    describe: 'results file, - for stdout (default: results/verify-<workload>.csv)',
  },
};

/** What the results are held to. */
export const ASSERT_OPTIONS: OptionTable = {
  assert: values(
    OUTPUT,
    "fail (exit 1) unless every cell meets it: 'hit_ratio>=0.9', 'allkeys-lru.evicted_keys<=1e5', " +
      "'redis-7.0/allkeys-lru.used_memory_bytes<100mb'; any column; repeatable",
  ),
};

/** Of several servers. */
export const UPGRADE_OPTIONS: OptionTable = {
  'equal-hit-ratio': toggle(
    SERVER,
    'search the maxmemory that later servers need for the hit ratio of the first one at --maxmemory',
  ),
};

const BENCH = 'Bench:';
/** What is timed, and what it is compared with. */
export const BENCH_OPTIONS: OptionTable = {
  policy: SERVER_OPTIONS.policy,
  maxmemory: SERVER_OPTIONS.maxmemory,
  server: SERVER_OPTIONS.server,
  requests: value(WORKLOAD, 'requests of each source (default 100000; of a trace file, all)'),
  'workload-seed': SOURCE_OPTIONS['workload-seed'],
  format: SOURCE_OPTIONS.format,
  'key-bytes': SOURCE_OPTIONS['key-bytes'],
  seed: value(BENCH, "seed of the server's randomness and of the bootstrap (default 1)"),
  samples: value(BENCH, 'timings of each task, spread over ten processes (default 20)'),
  baseline: value(BENCH, 'compare with a file of --save-baseline; runs what it ran by default'),
  'save-baseline': value(BENCH, 'keep the results to compare later ones with'),
  against: value(BENCH, 'compare with another build: its package or dist folder; run in turns'),
  'min-effect': value(BENCH, 'slowdowns up to this are no regression (default 10%)'),
  'deterministic-only': toggle(BENCH, 'hits, evictions, bytes … only; nothing is timed'),
  out: value(OUTPUT, 'results file, - for stdout (default: results/bench.csv)'),
  'output-format': value(OUTPUT, 'form of the results; without --out, on stdout', {
    choices: BENCH_REPORTS.map((report) => report.name),
  }),
  quiet: OUTPUT_OPTIONS.quiet,
  'no-progress': OUTPUT_OPTIONS['no-progress'],
  color: OUTPUT_OPTIONS.color,
  'no-color': OUTPUT_OPTIONS['no-color'],
};

/** Of the commands that tell the RAM to provide. */
const RAM_OPTIONS: OptionTable = {
  'snapshot-mb-per-s': value(
    WORKLOAD,
    'MB of used_memory that a save writes in a second (default 100)',
  ),
  platforms: toggle(OUTPUT, 'the RAM to provide as Kubernetes, Docker and cloud settings'),
};

const SIZE = 'Size:';
const WHAT_IF = 'What if:';
/** Of the size command. */
export const SIZE_OPTIONS: OptionTable = {
  'target-hit-ratio': value(SIZE, 'least hit ratio: 0.95 or 95%'),
  'max-misses-per-s': value(SIZE, 'most misses per second of trace time'),
  'max-evictions-per-s': value(SIZE, 'most evictions per second of trace time'),
  tune: toggle(SIZE, 'what maxmemory-samples, lfu-* and the eviction tenacity would change there'),
  exact: toggle(SIZE, 'replay the whole workload everywhere, no samples'),
  'no-verify': toggle(SIZE, 'leave out the whole run at the answer, and the RAM to provide'),
  keys: value(WHAT_IF, 'x2: twice the keys, under the same traffic'),
  traffic: value(WHAT_IF, 'x3: three times the requests a second, to the same keys'),
  'value-bytes': value(WHAT_IF, 'x1.5: values half as long again'),
  'ttl-scale': values(WHAT_IF, '0.5: TTLs of half the length; 0.5,1,2: side by side'),
  ttl: values(
    WHAT_IF,
    "'session:*=30m', '*=none': the TTL of the keys whose names fit; repeatable",
  ),
  ...only(SERVER_OPTIONS, [
    'policy',
    'server',
    'allocator',
    'redis-conf',
    'maxmemory-samples',
    'lfu-log-factor',
    'lfu-decay-time',
    'hz',
    'active-expire-effort',
    'maxmemory-eviction-tenacity',
    'startup-memory',
    'client-memory',
  ]),
  maxmemory: {
    ...SERVER_OPTIONS.maxmemory,
    describe: 'the curve at these sizes and nothing else (default: where it bends)',
  },
  ...only(REPLAY_OPTIONS, ['on-miss', 'pipeline', 'epoch', 'server-time', 'jobs']),
  warmup: { ...REPLAY_OPTIONS.warmup, describe: `${REPLAY_OPTIONS.warmup.describe} (default 50%)` },
  seed: value(REPLAY, "of the samples and of the server's randomness (default 1)"),
  ...only(SOURCE_OPTIONS, ['workload-seed', 'format', 'key-bytes']),
  requests: {
    ...SOURCE_OPTIONS.requests,
    describe: `${SOURCE_OPTIONS.requests.describe} (default: the file's, or what the target takes)`,
  },
  ...RAM_OPTIONS,
  ...only(OUTPUT_OPTIONS, ['output-format', 'quiet', 'no-progress', 'color', 'no-color']),
  out: {
    ...OUTPUT_OPTIONS.out,
    describe: 'points of the curves, - for stdout (default: results/size-<workload>.csv)',
  },
};

const HOST = 'Machine:';
/** Of the doctor command. */
export const DOCTOR_OPTIONS: OptionTable = {
  server: {
    ...SERVER_OPTIONS.server,
    array: false,
    describe: `what a redis.conf is for (default ${DEFAULT_SERVER}); a running server says it itself`,
  },
  allocator: SERVER_OPTIONS.allocator,
  'sample-keys': value(
    SERVER,
    'random keys of a running server to look at, 0 = none (default 200)',
  ),
  ...only(VERIFY_OPTIONS, ['tls-ca', 'tls-cert', 'tls-key']),
  workload: value(WORKLOAD, 'count the pages that this source writes during a save: replays it'),
  ...only(RAM_OPTIONS, ['snapshot-mb-per-s']),
  ...only(SOURCE_OPTIONS, ['requests', 'workload-seed', 'format', 'key-bytes']),
  'host-from': value(HOST, 'what "doctor --json" has printed on the machine the server is for'),
  ram: value(HOST, 'its memory, such as 8gb (default: this machine)'),
  swap: value(HOST, 'its swap'),
  'container-memory': value(HOST, 'memory limit of the container or unit, 0 = none'),
  'overcommit-memory': value(HOST, 'vm.overcommit_memory', { choices: ['0', '1', '2'] }),
  'overcommit-ratio': value(HOST, 'vm.overcommit_ratio, percent'),
  'transparent-hugepage': value(HOST, 'transparent_hugepage/enabled', {
    choices: ['always', 'madvise', 'never'],
  }),
  kernel: value(HOST, 'its version, such as 5.4'),
  ...only(RAM_OPTIONS, ['platforms']),
  json: toggle(OUTPUT, 'everything as JSON'),
  color: OUTPUT_OPTIONS.color,
  'no-color': OUTPUT_OPTIONS['no-color'],
};

/** Of the list command. */
export const LIST_OPTIONS: OptionTable = {
  json: { describe: 'as JSON, with everything known', type: 'boolean' },
};

/** Names of all options of all commands, for "did you mean". */
export const OPTION_NAMES: readonly string[] = [
  SOURCE_OPTIONS,
  SERVER_OPTIONS,
  REPLAY_OPTIONS,
  OUTPUT_OPTIONS,
  VERIFY_OPTIONS,
  ASSERT_OPTIONS,
  UPGRADE_OPTIONS,
  BENCH_OPTIONS,
  SIZE_OPTIONS,
  DOCTOR_OPTIONS,
  LIST_OPTIONS,
  { help: {}, version: {} },
].flatMap(Object.keys);
