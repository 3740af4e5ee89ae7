import { UsageError } from '../errors.ts';
import type { Inspection } from '../live/measure.ts';
import type { Cell } from '../replay/cell.ts';
import { plan, type Sweep } from '../replay/plan.ts';
import { derive } from '../trace/derive.ts';
import type { Trace } from '../trace/trace.ts';
import type { Arguments } from './arguments.ts';
import type { Directive } from './redis-conf.ts';
import { REFERENCES } from './run-sweep.ts';
import { sweepOf } from './settings.ts';

const ENGINE_SEEDS = '5';

/** What is asked for, before any server was looked at: bad options are found first. Throws UsageError. */
export function verifySweepOf(args: Arguments, conf: ReadonlyMap<string, Directive>): Sweep {
  const sweep = sweepOf(
    args.has('seed') ? args : args.withDefaults({ repeat: ENGINE_SEEDS }),
    conf,
  );
  const reference = sweep.policies.find((name) => name === 'reference' || REFERENCES.has(name));
  if (reference !== undefined) {
    throw new UsageError(
      `--policy ${reference}: no server has it, so there is nothing to verify it against. ` +
        `References run with "evictlab run".`,
    );
  }
  if (sweep.servers.length > 1) {
    throw new UsageError(
      `--server: one profile can be verified at a time, got ${sweep.servers.length}.`,
    );
  }
  return sweep;
}

/** A named server's own settings, where neither option nor redis.conf says otherwise. */
export function directivesOf(config: Inspection['config'], name: string): Map<string, Directive> {
  const entries = [...config].map(([directive, text]): [string, Directive] => [
    directive,
    { text, what: `${name}: ${directive}` },
  ]);
  // Without a limit there is nothing to verify: then the default is better.
  return new Map(
    entries.filter(([directive, { text }]) => directive !== 'maxmemory' || text !== '0'),
  );
}

/**
 * The cells of a server as it was found, those of one policy and limit together. Throws UsageError for policies it
 * doesn't have and limits below what it uses already.
 */
export function cellsFor(
  trace: Trace,
  sweep: Sweep,
  args: Arguments,
  { identity, emptyBytes }: Inspection,
): Cell[][] {
  const adapted: Sweep = {
    ...sweep,
    servers: args.has('server') ? sweep.servers : [identity.profile.name],
    allocator: sweep.allocator ?? identity.allocator,
    settings: { ...sweep.settings, startupMemoryBytes: emptyBytes, clientMemoryBytes: 0 },
  };
  const groups = new Map<string, Cell[]>();
  for (const { cell } of plan([trace], adapted)) {
    const key = `${cell.maxmemoryBytes} ${cell.policy}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [cell]);
    else group.push(cell);
  }
  return [...groups.values()];
}

/** The trace as the engine gets it when a server's keys have a prefix. */
export function withKeyPrefix(trace: Trace, keyPrefix: string): Trace {
  const extra = Buffer.byteLength(keyPrefix);
  if (extra === 0) return trace;
  const keyBytes = new Uint32Array(new SharedArrayBuffer(trace.keyBytes.byteLength));
  for (let id = 0; id < keyBytes.length; id++) keyBytes[id] = trace.keyBytes[id] + extra;
  return derive(trace, { keyBytes });
}
