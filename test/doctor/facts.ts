import type { Facts } from '../../src/doctor/facts.ts';
import { Settings } from '../../src/doctor/settings.ts';
import type { Host } from '../../src/sizing/host.ts';
import { serverNamed } from '../../src/servers/registry.ts';

const GIB = 2 ** 30;

/** A machine with nothing wrong with it. */
export const HOST: Host = {
  ramBytes: 16 * GIB,
  swapBytes: 0,
  overcommitMemory: 1,
  overcommitRatio: 50,
  overcommitBytes: 0,
  hugePageBytes: 0,
  committedByOthersBytes: GIB,
  container: undefined,
  kernel: '6.1.0',
  transparentHugePages: 'madvise',
};

export interface Case {
  /** Lines of a redis.conf. */
  readonly conf?: readonly string[];
  /** Lines of the file of a running server. */
  readonly file?: readonly string[];
  /** Lines of INFO. */
  readonly info?: readonly string[];
  readonly host?: Partial<Host> | null;
  readonly server?: string;
  readonly sample?: Partial<NonNullable<Facts['sample']>>;
}

/** What a rule would be told; a good machine and a good configuration unless the case says otherwise. */
export function factsOf({ conf, file, info, host, server = 'redis-7.0', sample }: Case): Facts {
  const profile = serverNamed(server);
  return {
    settings: conf && settingsOf(conf),
    file: file && settingsOf(file),
    profile,
    allocator: profile.defaultAllocator,
    version: profile.version,
    info: new Map((info ?? []).map((line) => line.split(':') as [string, string])),
    sample: sample && {
      keys: 0,
      bytes: 0,
      volatileKeys: 0,
      volatileBytes: 0,
      types: new Map(),
      queueNames: [],
      ...sample,
    },
    host: host === null ? undefined : { ...HOST, ...host },
    traffic: undefined,
  };
}

function settingsOf(lines: readonly string[]): Settings {
  const settings = new Settings();
  for (const [index, line] of lines.entries()) {
    const [name, ...words] = line.split(' ');
    const values = words.map((word) => (word === '""' ? '' : word));
    settings.add(name, values, `redis.conf:${index + 1}`);
  }
  return settings;
}
