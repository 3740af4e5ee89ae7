import CliTable from 'cli-table3';
import { GOLDEN_BUILDS } from './builds.ts';
import { type Comparison, compareBuild } from './hit-ratio.ts';

// Prints the model beside the servers it models: `npm run fidelity [seeds]`.
const seeds = Number(process.argv[2] ?? 8);
const percent = (model: number, server: number): string =>
  server === 0 ? String(model) : `${((model / server - 1) * 100).toFixed(2)} %`;

for (const build of GOLDEN_BUILDS) {
  const comparisons = await compareBuild(build, seeds);
  console.log(
    `\n${build.server} ${build.version} ${build.allocator} as ${build.profile}, ${seeds} seeds; ` +
      'hit ratio and its differences in points, the rest relative to the server',
  );
  const table = new CliTable({
    head: [
      'trace',
      'policy',
      'settings',
      'server',
      'model',
      'diff',
      '± noise',
      'evicted',
      'expired',
      'OOM',
      'keys',
    ],
    style: { head: [], border: [], compact: true },
    colAligns: ['left', 'left', 'left', ...Array<'right'>(8).fill('right')],
  });
  for (const c of comparisons) table.push(row(c));
  console.log(table.toString());
  const differences = comparisons.map((c) => Math.abs(c.model.hitRatio - c.server.hitRatio));
  const mean = differences.reduce((sum, d) => sum + d, 0) / differences.length;
  console.log(
    `hit ratio: mean absolute difference ${mean.toFixed(3)} points, largest ${Math.max(...differences).toFixed(3)}`,
  );
}

function row({ cell, server, model, standardErrors }: Comparison): string[] {
  return [
    cell.trace,
    cell.policy,
    `samples ${cell.samples}, lfu ${cell.lfuLogFactor}/${cell.lfuDecayTime}`,
    server.hitRatio.toFixed(3),
    model.hitRatio.toFixed(3),
    (model.hitRatio - server.hitRatio).toFixed(3),
    standardErrors.hitRatio.toFixed(3),
    percent(model.evictedKeys, server.evictedKeys),
    percent(model.expiredKeys, server.expiredKeys),
    percent(model.oomErrors, server.oomErrors),
    percent(model.keys, server.keys),
  ];
}
