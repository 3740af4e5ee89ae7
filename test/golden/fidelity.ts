import CliTable from 'cli-table3';
import { GOLDEN_BUILDS } from './builds.ts';
import { type Comparison, compareBuild, fillsOnly } from './hit-ratio.ts';
import { ALPHA, judge, type Judged } from './two-sample.ts';

// Prints the model beside the servers it models, and fails when it can be told from them: `npm run fidelity [seeds]`.
const seeds = Number(process.argv[2] ?? 20);
/** In at least this share of the cells server and model must not be told apart … */
const ALIKE = 0.95;
/** … by tests that would have seen a difference of this many points. */
const POINTS = 0.1;

const percent = (model: number, server: number): string =>
  server === 0 ? String(model) : `${((model / server - 1) * 100).toFixed(2)} %`;

const compared: { build: string; comparisons: readonly Comparison[] }[] = [];
for (const build of GOLDEN_BUILDS) {
  process.stderr.write(`${build.server} ${build.version} …\n`);
  compared.push({
    build: `${build.server} ${build.version} ${build.allocator} as ${build.profile}`,
    comparisons: await compareBuild(build, seeds),
  });
}

const tested = compared.flatMap(({ comparisons }) => comparisons.filter((one) => !fillsOnly(one)));
const judged = judge(
  tested.map(({ cell, modelRuns }) => ({
    server: cell.runs.map((run) => run.hitRatio),
    model: modelRuns.map((run) => run.hitRatio),
  })),
);
const judgements = new Map(tested.map((comparison, i) => [comparison, judged[i]]));

for (const { build, comparisons } of compared) {
  console.log(
    `\n${build}, ${seeds} seeds; hit ratio and its differences in points, the rest relative to the server`,
  );
  const table = new CliTable({
    head: [
      'trace',
      'policy',
      'settings',
      'runs',
      'server',
      'model',
      'diff',
      '± noise',
      'seen from',
      'p (Holm)',
      'evicted',
      'expired',
      'OOM',
      'keys',
    ],
    style: { head: [], border: [], compact: true },
    colAligns: ['left', 'left', 'left', ...Array<'right'>(11).fill('right')],
  });
  for (const comparison of comparisons) table.push(row(comparison, judgements.get(comparison)));
  console.log(table.toString());
  const differences = comparisons.map((c) => Math.abs(c.model.hitRatio - c.server.hitRatio));
  const mean = differences.reduce((sum, d) => sum + d, 0) / differences.length;
  const own = comparisons.flatMap((one) => judgements.get(one) ?? []);
  console.log(
    `hit ratio: mean absolute difference ${mean.toFixed(3)} points, largest ${Math.max(...differences).toFixed(3)}; ` +
      `told apart in ${own.filter(({ isApart }) => isApart).length} of ${own.length} cells`,
  );
}
process.exitCode = verdict(judged) ? 0 : 1;

/** Prints what the tests of all cells come to; whether that is enough. */
function verdict(all: readonly Judged[]): boolean {
  console.log(
    `\nTwo-sample tests of the hit ratio, α = ${ALPHA} over all ${all.length} cells (Holm):`,
  );
  const groups: readonly [string, readonly Judged[]][] = [
    ['by ranks (Mann-Whitney)', all.filter(({ test }) => test === 'ranks')],
    ['by prediction interval', all.filter(({ test }) => test === 'prediction')],
    ['all', all],
  ];
  const table = new CliTable({
    head: [
      'test',
      'cells',
      'told apart',
      `could see ${POINTS} points`,
      'seen from, median',
      'largest',
    ],
    style: { head: [], border: [], compact: true },
    colAligns: ['left', 'right', 'right', 'right', 'right', 'right'],
  });
  for (const [name, of] of groups) {
    const visible = of.map((one) => one.visible).sort((a, b) => a - b);
    table.push([
      name,
      of.length,
      of.filter(({ isApart }) => isApart).length,
      visible.filter((points) => points <= POINTS).length,
      visible.at(visible.length >> 1)?.toFixed(3) ?? '',
      visible.at(-1)?.toFixed(3) ?? '',
    ]);
  }
  console.log(table.toString());
  const alike = all.filter(({ isApart }) => !isApart).length / all.length;
  const isEnough = alike >= ALIKE;
  console.log(
    `Not told apart in ${(alike * 100).toFixed(1)} % of the cells: ${isEnough ? 'enough' : 'too few'}.`,
  );
  return isEnough;
}

function row(
  { cell, server, model, standardErrors }: Comparison,
  judgement: Judged | undefined,
): string[] {
  return [
    cell.trace,
    cell.policy,
    `samples ${cell.samples}, lfu ${cell.lfuLogFactor}/${cell.lfuDecayTime}`,
    String(cell.runs.length),
    server.hitRatio.toFixed(3),
    model.hitRatio.toFixed(3),
    (model.hitRatio - server.hitRatio).toFixed(3),
    standardErrors.hitRatio.toFixed(3),
    judgement === undefined ? 'fill' : judgement.visible.toFixed(3),
    judgement === undefined ? '' : `${judgement.p.toFixed(3)}${judgement.isApart ? ' APART' : ''}`,
    percent(model.evictedKeys, server.evictedKeys),
    percent(model.expiredKeys, server.expiredKeys),
    percent(model.oomErrors, server.oomErrors),
    percent(model.keys, server.keys),
  ];
}
