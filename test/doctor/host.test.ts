import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { readHost } from '../../src/live/host.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const GIB = 2 ** 30;
const MEMINFO =
  'MemTotal:       16777216 kB\nMemFree: 1 kB\nSwapTotal:       2097152 kB\n' +
  'CommitLimit: 1 kB\nCommitted_AS:    3145728 kB\nHugetlb:          1048576 kB\n';

/** A machine as files below a folder. */
function machine(root: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries({ 'proc/meminfo': MEMINFO, ...files })) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

describe('the machine under a server', () => {
  const folder = temporaryFolder();

  it('is read from /proc and /sys', () => {
    const root = folder('whole');
    machine(root, {
      'proc/sys/vm/overcommit_memory': '2\n',
      'proc/sys/vm/overcommit_ratio': '80\n',
      'proc/sys/vm/overcommit_kbytes': '0\n',
      'proc/sys/kernel/osrelease': '5.4.0-99\n',
      'sys/kernel/mm/transparent_hugepage/enabled': '[always] madvise never\n',
      'proc/self/cgroup': '0::/\n',
    });
    assert.deepEqual(readHost(undefined, root), {
      ramBytes: 16 * GIB,
      swapBytes: 2 * GIB,
      overcommitMemory: 2,
      overcommitRatio: 80,
      overcommitBytes: 0,
      hugePageBytes: GIB,
      committedByOthersBytes: 3 * GIB,
      container: undefined,
      kernel: '5.4.0-99',
      transparentHugePages: 'always',
    });
  });

  it("has the tightest limit of the server's cgroup and those above it (version 2)", () => {
    const root = folder('v2');
    machine(root, {
      'proc/42/status': 'Name:\tredis-server\nRssAnon:\t 1048576 kB\n',
      'proc/42/cgroup': '0::/kubepods/pod1/redis\n',
      'sys/fs/cgroup/kubepods/pod1/redis/memory.max': 'max\n',
      'sys/fs/cgroup/kubepods/pod1/memory.max': '2147483648\n',
      'sys/fs/cgroup/kubepods/pod1/memory.swap.max': '0\n',
      'sys/fs/cgroup/kubepods/memory.max': '8589934592\n',
    });
    const host = readHost(42, root);
    assert.deepEqual(host?.container, { bytes: 2 * GIB, swapBytes: 0 });
    assert.equal(host.committedByOthersBytes, 2 * GIB, 'less what the server has itself');
  });

  it('has the limit that a container sees at its own mount (version 1)', () => {
    const root = folder('v1');
    machine(root, {
      'proc/self/cgroup': '5:cpu:/docker/abc\n4:memory:/docker/abc\n',
      'sys/fs/cgroup/memory/memory.limit_in_bytes': '1073741824\n',
      'sys/fs/cgroup/memory/memory.memsw.limit_in_bytes': '2147483648\n',
    });
    assert.deepEqual(readHost(undefined, root)?.container, { bytes: GIB, swapBytes: GIB });
  });

  it('has no limit where version 1 says the largest number there is', () => {
    const root = folder('unlimited');
    machine(root, {
      'proc/self/cgroup': '4:memory:/\n',
      'sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712\n',
    });
    assert.equal(readHost(undefined, root)?.container, undefined);
  });

  it('is unknown without /proc', () => {
    const root = folder('none');
    assert.equal(readHost(undefined, join(root, 'nothing')), undefined);
  });
});
