import {
  type Facts,
  forkReasons,
  fragmentationOf,
  infoNumber,
  maxmemoryOf,
  outputLimit,
  policyOf,
} from '../doctor/facts.ts';
import { UsageError } from '../errors.ts';
import { DEFAULT_SETTINGS } from '../replay/defaults.ts';
import { plan } from '../replay/plan.ts';
import { HUGE_PAGE_BYTES, SMALL_PAGE_BYTES } from '../sizing/copy-on-write.ts';
import { headroomApart } from '../sizing/headroom-apart.ts';
import type { TraceHeadroom } from '../sizing/trace-headroom.ts';
import { atLeast } from '../servers/version.ts';
import type { Arguments } from './arguments.ts';
import type { Console } from './console.ts';
import { snapshotRateOf } from './snapshot-rate.ts';
import { sourceOptions } from './source-options.ts';
import { traceOf } from './source.ts';

/** Options that mean something with --workload alone. */
const OF_A_WORKLOAD = ['snapshot-mb-per-s', 'requests', 'workload-seed', 'format', 'key-bytes'];

/** The server at its limit under the traffic of --workload; undefined without one, and when interrupted. Throws UsageError. */
export async function trafficOf(
  facts: Facts,
  args: Arguments,
  console: Console,
  signal: AbortSignal,
): Promise<TraceHeadroom | undefined> {
  const source = args.one('workload');
  const snapshotBytesPerSecond = snapshotRateOf(args);
  if (source === undefined) {
    const idle = OF_A_WORKLOAD.find((name) => args.has(name));
    if (idle !== undefined) throw new UsageError(`--${idle} needs --workload.`);
    return undefined;
  }
  const { settings, profile } = facts;
  const bytes = maxmemoryOf(facts);
  if (settings === undefined || bytes === 0) {
    throw new UsageError(
      `--workload ${source}: needs a server with a maxmemory to replay it on; name a redis.conf or a server that has one.`,
    );
  }
  const policy = policyOf(facts);
  if (!profile.policies.includes(policy)) {
    throw new UsageError(
      `${settings.quote('maxmemory-policy')}: ${profile.name} has no such policy.`,
    );
  }
  const trace = await traceOf(source, sourceOptions(args, console));
  const [{ cell }] = plan([trace], {
    servers: [profile.name],
    allocator: facts.allocator,
    policies: [policy],
    maxmemory: [{ kind: 'bytes', bytes, text: settings.text('maxmemory') }],
    seeds: [1],
    settings: DEFAULT_SETTINGS,
    warmupRows: () => 0,
    timelineIntervalMs: () => 0,
  });
  const options = {
    snapshotBytesPerSecond,
    pageBytes: pageBytesOf(facts),
    fragmentation: fragmentationOf(facts).ratio,
    forks: forkReasons(facts).length > 0,
    replicas: infoNumber(facts, 'connected_slaves'),
    replicaBufferBytes: outputLimit(settings, 'replica'),
    appendOnly: settings.isYes('appendonly'),
  };
  return headroomApart(trace, cell, options, signal);
}

/** What a write copies on the machine: 2 MiB where huge pages are on, left on, and not split by the kernel. */
function pageBytesOf({ host, settings, version }: Facts): number {
  const areOn = host?.transparentHugePages === 'always';
  const switchesOff = atLeast(version, '6.2') && settings?.text('disable-thp') !== 'no';
  const splits = host === undefined || host.kernel === '' || atLeast(host.kernel, '5.8');
  return areOn && !switchesOff && !splits ? HUGE_PAGE_BYTES : SMALL_PAGE_BYTES;
}
