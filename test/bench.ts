import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import CliTable from 'cli-table3';
import { Bench } from 'tinybench';
import { footprintBytes } from '../src/engine/footprint.ts';
import type { Cell } from '../src/replay/cell.ts';
import { DEFAULT_SETTINGS } from '../src/replay/defaults.ts';
import { runCell } from '../src/replay/replay.ts';
import { POLICIES } from '../src/policies/registry.ts';
import { DEFAULT_SERVER, serverNamed } from '../src/servers/registry.ts';
import { generate } from '../src/workload/generate.ts';
import { parseWorkload } from '../src/workload/parse.ts';

// Requests per second of one replay, by policy: `npm run bench`. Each policy in a process of its own, or the types of
// one would slow down the code of the next. A look at orders of magnitude, not a gate.
const WORKLOAD = `
description: Zipf(1.0), 1 M requests over 100,000 keys
seed: 1
requests: 1000000
keys: { count: 100000 }
popularity: { distribution: zipf, exponent: 1 }
values: { distribution: fixed, value: 100 }
`;
const SAMPLES = 10;

const policy = process.argv.at(2);
if (policy === undefined) report();
else console.log(JSON.stringify(await measure(policy)));

async function measure(name: string): Promise<{ median: number; mad: number; hitRatio: number }> {
  const trace = generate(parseWorkload(WORKLOAD, 'zipf-1.0', 'bench'));
  const profile = serverNamed(DEFAULT_SERVER);
  const { defaultAllocator: allocator } = profile;
  const cell: Cell = {
    workload: trace.name,
    server: profile.name,
    allocator,
    policy: name,
    maxmemoryBytes:
      profile.startupMemoryBytes(allocator) +
      Math.round(0.1 * footprintBytes(trace, profile, allocator)),
    ...DEFAULT_SETTINGS,
    seed: 1,
    warmupRows: 0,
    timelineIntervalMs: 0,
  };
  let hitRatio = 0;
  const bench = new Bench({ iterations: SAMPLES, time: 0, warmupIterations: 2, warmupTime: 0 });
  bench.add(name, () => {
    const { hits, misses } = runCell(trace, cell);
    hitRatio = hits / (hits + misses);
  });
  await bench.run();
  const { result } = bench.tasks[0];
  if (!('latency' in result)) throw new Error(`${name}: ${result.state}`);
  return { median: result.latency.p50, mad: result.latency.mad, hitRatio };
}

function report(): void {
  const table = new CliTable({
    head: ['policy', 'M requests/s', 'ns/request', '± MAD', 'hit ratio'],
    colAligns: ['left', 'right', 'right', 'right', 'right'],
    style: { head: [], border: [], compact: true },
  });
  for (const { name } of POLICIES) {
    const child = spawnSync(process.execPath, [fileURLToPath(import.meta.url), name], {
      encoding: 'utf8',
    });
    if (child.status !== 0) throw new Error(`${name}: ${child.stderr}`);
    const { median, mad, hitRatio } = JSON.parse(child.stdout) as Awaited<
      ReturnType<typeof measure>
    >;
    table.push([
      name,
      (1000 / median).toFixed(2),
      median.toFixed(0),
      mad.toFixed(0),
      hitRatio.toFixed(4),
    ]);
  }
  console.log(`${SAMPLES} replays each of 1,000,000 requests; ms per replay = ns per request`);
  console.log(table.toString());
}
