import { parseArgs } from 'node:util';
import CliTable from 'cli-table3';
import { removeFolder, temporaryFolder } from '../../src/live/launch.ts';
import { compareRuns, type ComparedFigure } from '../../src/metrics/comparison.ts';
import { goldenTraceNames, openBuild, policiesFor, replayLive } from './live.ts';

// Prints the model beside servers that run on this machine, under a clock that follows the trace:
// `npm run fidelity:live -- [--repeats 1] [--seeds 5] [--trace NAME] [--policy NAME] [redis-server …]`.
// docs/fidelity.md says where servers come from. Exit code 1 when a figure is beyond the tolerance of `evictlab verify`.
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    repeats: { type: 'string', default: '1' },
    seeds: { type: 'string', default: '5' },
    trace: { type: 'string' },
    policy: { type: 'string' },
  },
});
const repeats = Number(values.repeats);
const seeds = Number(values.seeds);
const { signal } = new AbortController();
const folder = temporaryFolder();
const table = new CliTable({
  head: [
    'build',
    'trace',
    'policy',
    'server',
    'model',
    'diff',
    '± noise',
    'evicted',
    'expired',
    'OOM',
    'keys',
    'memory',
    '',
  ],
  style: { head: [], border: [], compact: true },
  colAligns: ['left', 'left', 'left', ...Array<'right'>(9).fill('right'), 'left'],
});
let isOut = false;
for (const command of positionals.length > 0 ? positionals : ['redis-server']) {
  const build = await openBuild(command, folder, signal);
  const { flavour, version, allocator } = build.inspection.identity;
  const name = `${flavour} ${version} ${allocator}`;
  for (const trace of goldenTraceNames(values.trace)) {
    for (const policy of policiesFor(build.inspection.identity.profile, trace)) {
      if (values.policy !== undefined && policy !== values.policy) continue;
      const one = await replayLive(build, trace, policy, { repeats, seeds, signal });
      const figures = compareRuns(one.serverRuns, one.engineRuns);
      const out = figures.filter((figure) => !figure.isWithin).map((figure) => figure.name);
      table.push([name, trace, policy, ...columns(figures), out.length === 0 ? 'ok' : 'OUT']);
      console.error(`${name} ${trace} ${policy}: ${out.length === 0 ? 'ok' : out.join(', ')}`);
      isOut ||= out.length > 0;
    }
  }
}
removeFolder(folder);
console.log(
  `${repeats} runs of every server, ${seeds} seeds of the model; hit ratio in points, the rest relative to the server`,
);
console.log(table.toString());
process.exitCode = isOut ? 1 : 0;

function columns(figures: readonly ComparedFigure[]): string[] {
  const by = new Map(figures.map((figure) => [figure.name, figure]));
  const relative = (name: string): string => {
    const figure = by.get(name);
    if (figure === undefined || figure.server.mean === 0) return '';
    return `${((100 * figure.difference) / figure.server.mean).toFixed(2)} %`;
  };
  const hit = by.get('hit_ratio');
  if (hit === undefined) throw new Error('a replay without lookups');
  const { server, engine } = hit;
  const noise = Math.hypot(
    (server.runs > 1 ? server.sd : engine.sd) / Math.sqrt(server.runs),
    engine.sd / Math.sqrt(engine.runs),
  );
  return [
    ...[server.mean, engine.mean, hit.difference, noise].map((ratio) => (100 * ratio).toFixed(3)),
    ...['evicted_keys', 'expired_keys', 'oom_errors', 'keys', 'used_memory_bytes'].map(relative),
  ];
}
