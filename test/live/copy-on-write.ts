import CliTable from 'cli-table3';
import { removeFolder, temporaryFolder } from '../../src/live/launch.ts';
import { serverBinary } from '../../src/live/server-binary.ts';
import { GET } from '../../src/trace/operations.ts';
import { between, fixed, observeSave, skewed, uniform, type Workload } from './saving-server.ts';

// Copy-on-write of a real BGSAVE beside the model: `npm run copy-on-write [redis-server [workload]]`.
const CHILD_SECONDS = 6;

const WORKLOADS: readonly Workload[] = [
  {
    name: 'overwrite 100 B, few',
    keys: 300_000,
    valueBytes: fixed(100),
    key: uniform,
    writes: 2000,
  },
  {
    name: 'overwrite 100 B, many',
    keys: 300_000,
    valueBytes: fixed(100),
    key: uniform,
    writes: 10_000,
  },
  {
    name: 'overwrite 100 B, skewed',
    keys: 300_000,
    valueBytes: fixed(100),
    key: skewed,
    writes: 20_000,
  },
  { name: 'overwrite 20 B', keys: 400_000, valueBytes: fixed(20), key: uniform, writes: 3000 },
  {
    name: 'overwrite 50-1000 B',
    keys: 100_000,
    valueBytes: between(50, 1000),
    key: uniform,
    writes: 4000,
    churn: 100_000,
  },
  {
    name: 'overwrite 100 B, TTL',
    keys: 300_000,
    valueBytes: fixed(100),
    key: uniform,
    writes: 2000,
    ttl: 86_400_000,
  },
  {
    name: 'overwrite 20 B, TTL',
    keys: 400_000,
    valueBytes: fixed(20),
    key: uniform,
    writes: 3000,
    ttl: 86_400_000,
  },
  { name: 'overwrite 1 kB', keys: 100_000, valueBytes: fixed(1000), key: uniform, writes: 3000 },
  { name: 'overwrite 10 kB', keys: 20_000, valueBytes: fixed(10_000), key: uniform, writes: 5000 },
  { name: 'overwrite 40 kB', keys: 8000, valueBytes: fixed(40_000), key: uniform, writes: 2000 },
  {
    name: 'insert, evict 100 B',
    keys: 1_000_000,
    valueBytes: fixed(100),
    key: uniform,
    writes: 2000,
    churn: 600_000,
    maxmemory: 60 << 20,
  },
  {
    name: 'insert, evict 50-1000 B',
    keys: 400_000,
    valueBytes: between(50, 1000),
    key: uniform,
    writes: 2500,
    churn: 300_000,
    maxmemory: 80 << 20,
  },
  {
    name: 'look-aside 200 B, skewed',
    keys: 800_000,
    valueBytes: fixed(200),
    key: skewed,
    writes: 15_000,
    churn: 800_000,
    maxmemory: 30 << 20,
    op: GET,
  },
];

const [command = 'redis-server', only = ''] = process.argv.slice(2);
const binary = await serverBinary(command);
const folder = temporaryFolder();
const kib = (bytes: number): string => Math.round(bytes / 1024).toLocaleString('en-US');
const table = new CliTable({
  head: ['workload', 'keys', 'used', 'RSS/used', 'fork alone', 'copied', 'model', 'difference'],
  style: { head: [], border: [], compact: true },
  colAligns: ['left', ...Array<'right'>(7).fill('right')],
});
for (const workload of WORKLOADS.filter(({ name }) => name.includes(only))) {
  const save = await observeSave(binary, folder, workload, CHILD_SECONDS);
  table.push([
    workload.name,
    save.keys.toLocaleString('en-US'),
    kib(save.usedBytes),
    (save.rssBytes / save.usedBytes).toFixed(2),
    kib(save.aloneBytes),
    kib(save.copiedBytes),
    kib(save.modelledBytes),
    `${((save.modelledBytes / save.copiedBytes - 1) * 100).toFixed(1)} %`,
  ]);
  console.error(table.toString().split('\n').at(-2));
}
removeFolder(folder);
console.log(`${binary.flavour} ${binary.version}, KiB\n${table.toString()}`);
