import { statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { UsageError } from '../errors.ts';
import type { Sweep } from '../replay/plan.ts';
import { FORESEEING_POLICIES, selectPolicies } from '../replay/select-policies.ts';
import { findServer } from '../servers/find-server.ts';
import { readTraceInto } from '../trace/read-trace.ts';
import { Spool, type SpooledTrace } from '../trace/spool.ts';
import { SpooledTraceBuilder } from '../trace/spooled-builder.ts';
import type { AnyTrace } from '../trace/window.ts';
import { generateSpooled } from '../workload/generate.ts';
import type { WorkloadSpec } from '../workload/spec.ts';
import type { Arguments } from './arguments.ts';
import { IN_MEMORY, type StoreOptions, type TraceStore } from './trace-store.ts';

/** What file systems that are memory say they are: TMPFS_MAGIC of linux/magic.h. */
const TMPFS = 0x0102_1994;

/** Traces on disk, each in a spool of its own. */
class SpoolStore implements TraceStore<SpooledTrace> {
  private readonly folder: string;
  private readonly spools: Spool[] = [];

  constructor(folder: string) {
    this.folder = folder;
  }

  generate(spec: WorkloadSpec, signal: AbortSignal | undefined): Promise<SpooledTrace> {
    return generateSpooled(spec, this.open(), signal);
  }

  read(file: string, options: StoreOptions): Promise<SpooledTrace> {
    const spool = this.open();
    const builderOf = (name: string): SpooledTraceBuilder =>
      new SpooledTraceBuilder(name, spool, options.requests);
    return readTraceInto(builderOf, file, options);
  }

  renamed(trace: SpooledTrace, name: string): SpooledTrace {
    return { ...trace, name };
  }

  close(): void {
    for (const spool of this.spools.splice(0)) spool.close();
  }

  private open(): Spool {
    const spool = new Spool(this.folder);
    this.spools.push(spool);
    return spool;
  }
}

/** Where the options want traces to be kept. Throws UsageError for a sweep that can't be streamed. */
export function traceStoreOf(
  args: Arguments,
  sweep: Sweep,
  warn: (message: string) => void,
): TraceStore<AnyTrace> {
  const folder = args.one('stream-dir');
  if (!args.flag('stream')) {
    if (folder === undefined) return IN_MEMORY;
    throw new UsageError('--stream-dir is where --stream keeps the trace; add --stream.');
  }
  checkStreamable(args, sweep);
  const place = folder ?? tmpdir();
  const store = new SpoolStore(place);
  if (isMemory(place)) {
    warn(`${place} is itself in memory (tmpfs): name a folder on a disk with --stream-dir.`);
  }
  return store;
}

function checkStreamable(args: Arguments, { servers, policies }: Sweep): void {
  if (args.has('save-trace')) {
    throw new UsageError(
      '--save-trace needs the trace in memory. Leave out --save-trace or --stream.',
    );
  }
  const all = new Set(
    servers.flatMap((name) => selectPolicies(policies, findServer(name).profile)),
  );
  const foreseeing = FORESEEING_POLICIES.filter((name) => all.delete(name));
  if (foreseeing.length === 0) return;
  const others = all.size > 0 ? ` (--policy ${[...all].join(',')})` : '';
  throw new UsageError(
    `--stream: ${foreseeing.join(', ')} must know the whole trace beforehand, and a streamed one is never in memory ` +
      `as a whole. Leave it out${others}, or run it without --stream.`,
  );
}

function isMemory(folder: string): boolean {
  try {
    return statfsSync(folder).type === TMPFS;
  } catch {
    // What is wrong with the folder is said when it is used.
    return false;
  }
}
