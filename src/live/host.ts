import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Host, OvercommitMode } from '../sizing/host.ts';

const KIB = 1024;

/**
 * What this machine has to give, as its kernel says; undefined where there is no Linux to ask. `pid`: a server that
 * runs here, whose container and commitment count; else those of this process.
 * `root`: where /proc and /sys are.
 */
export function readHost(pid?: number, root = '/'): Host | undefined {
  const read = (path: string): string | undefined => {
    try {
      return readFileSync(join(root, path), 'utf8');
    } catch {
      return undefined;
    }
  };
  const number = (path: string): number | undefined => {
    const text = read(path)?.trim();
    return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
  };
  const meminfo = read('proc/meminfo');
  if (meminfo === undefined) return undefined;
  const field = (text: string, name: string): number =>
    Number(new RegExp(`^${name}:\\s*(\\d+)`, 'm').exec(text)?.[1] ?? 0);
  const kib = (name: string): number => field(meminfo, name) * KIB;
  const status = pid === undefined ? undefined : read(`proc/${pid}/status`);
  const ownBytes = status === undefined ? 0 : field(status, 'RssAnon') * KIB;
  const process = pid === undefined || status === undefined ? 'self' : String(pid);
  return {
    ramBytes: kib('MemTotal'),
    swapBytes: kib('SwapTotal'),
    overcommitMemory: overcommitMode(number('proc/sys/vm/overcommit_memory')),
    overcommitRatio: number('proc/sys/vm/overcommit_ratio') ?? 50,
    overcommitBytes: (number('proc/sys/vm/overcommit_kbytes') ?? 0) * KIB,
    hugePageBytes: kib('Hugetlb'),
    committedByOthersBytes: Math.max(0, kib('Committed_AS') - ownBytes),
    container: containerLimit(read(`proc/${process}/cgroup`) ?? '', number),
    kernel: read('proc/sys/kernel/osrelease')?.trim() ?? '',
    transparentHugePages: /\[(always|madvise|never)\]/.exec(
      read('sys/kernel/mm/transparent_hugepage/enabled') ?? '',
    )?.[1] as Host['transparentHugePages'],
  };
}

const overcommitMode = (mode: number | undefined): OvercommitMode =>
  mode === 1 || mode === 2 ? mode : 0;

/** The tightest limit of the process' cgroup and those above it, version 2 or 1. */
function containerLimit(
  cgroups: string,
  number: (path: string) => number | undefined,
): Host['container'] {
  const v2 = /^0::(\/.*)$/m.exec(cgroups)?.[1];
  const v1 = /^\d+:(?:[^:]*,)?memory(?:,[^:]*)?:(\/.*)$/m.exec(cgroups)?.[1];
  const smallest = (mount: string, path: string, file: string): number =>
    Math.min(...upwards(path).map((at) => number(`${mount}${at}/${file}`) ?? Infinity));
  const limits =
    v1 === undefined
      ? {
          bytes: smallest('sys/fs/cgroup', v2 ?? '/', 'memory.max'),
          swap: smallest('sys/fs/cgroup', v2 ?? '/', 'memory.swap.max'),
        }
      : {
          bytes: smallest('sys/fs/cgroup/memory', v1, 'memory.limit_in_bytes'),
          swap:
            smallest('sys/fs/cgroup/memory', v1, 'memory.memsw.limit_in_bytes') -
            smallest('sys/fs/cgroup/memory', v1, 'memory.limit_in_bytes'),
        };
  if (!(limits.bytes < NO_LIMIT_BYTES)) return undefined;
  const swapBytes = Number.isNaN(limits.swap) ? Infinity : Math.max(0, limits.swap);
  return { bytes: limits.bytes, swapBytes: swapBytes < NO_LIMIT_BYTES ? swapBytes : Infinity };
}

/** Version 1 says "no limit" with the largest multiple of a page below 2^63. */
const NO_LIMIT_BYTES = 2 ** 60;

/** `/a/b` → `/a/b`, `/a` and the mount itself, which is all a container may see of the path. */
function upwards(path: string): string[] {
  const parts = path.split('/').filter((part) => part !== '');
  return parts.map((_, i) => `/${parts.slice(0, parts.length - i).join('/')}`).concat('');
}
