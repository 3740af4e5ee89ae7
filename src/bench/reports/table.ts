import { styleText } from 'node:util';
import Table from 'cli-table3';
import { PLAIN_TABLE } from '../../report/plain-table.ts';
import type { TaskComparison } from '../compare.ts';
import type { Environment } from '../environment.ts';
import type { TaskResult } from '../task.ts';
import { timingOf } from '../timing.ts';
import { detectableEverywhere, outcomeOf, verdictOf, type BenchRun } from '../verdict.ts';
import { changesText, comparisonOf } from './columns.ts';
import type { BenchReport } from './report.ts';
import { changeText, effectText } from './words.ts';

type Paint = (result: Verdict, text: string) => string;
type Verdict = ReturnType<typeof verdictOf>;

const COLORS: Readonly<Partial<Record<Verdict, 'red' | 'yellow' | 'green'>>> = {
  changed: 'red',
  slower: 'red',
  unclear: 'yellow',
  faster: 'green',
};
const WORDS: Readonly<Record<Verdict, string>> = {
  changed: 'BEHAVIOUR CHANGED',
  slower: 'SLOWER',
  unclear: 'too noisy to say',
  faster: 'faster',
  same: 'same',
  untimed: 'same',
};

/** For people: tasks by workload and setting; beside a baseline, what changed. */
export const table: BenchReport = {
  name: 'table',
  summary: 'For people: tasks by workload, with verdicts when there is something to compare.',
  render(run, { color }) {
    const paint: Paint = (verdict, text) => {
      const format = COLORS[verdict];
      return color && format ? styleText(format, text, { validateStream: false }) : text;
    };
    return `${head(run)}\n\n${body(run, paint)}\n\n${footnotes(run)}`;
  },
};

function head({ environment, seed, results }: BenchRun): string {
  const timings = results.flatMap((result) => timingOf(result) ?? []);
  const samples = Math.max(0, ...timings.map((timing) => timing.samples));
  const rounds = Math.max(0, ...results.map((result) => result.rounds.length));
  const measured =
    samples === 0
      ? 'behaviour only, nothing timed'
      : `${samples} samples of each task in ${rounds} processes, each the best of 3 replays; CPU time`;
  return `${place(environment)}; seed ${seed}\n${measured}`;
}

function place({ cpu, cores, node, evictlab, commit }: Environment): string {
  const build = commit === '' ? evictlab : `${evictlab} (${commit})`;
  return `${cpu}, ${cores} cores, Node ${node}, evictlab ${build}`;
}

const MEASURED = ['task', 'M requests/s', 'ns/request', '± MAD', 'p99'];
const COMPARED = ['before', 'time', '95 % interval', 'visible', ''];

function body(run: BenchRun, paint: Paint): string {
  const compares = run.comparison !== undefined;
  const columns = compares ? [...MEASURED, ...COMPARED] : MEASURED;
  const rows = new Table({
    ...PLAIN_TABLE,
    head: columns,
    colAligns: columns.map((name) => (name === 'task' || name === '' ? 'left' : 'right')),
  });
  let group = '';
  run.results.forEach((result, i) => {
    const { task } = result;
    const setting =
      task.work.kind === 'replay'
        ? `replay ${task.workload}, ${task.requests.toLocaleString('en-US')} requests, ` +
          `${task.work.cell.server}, maxmemory ${task.maxmemory ?? ''}`
        : 'making traces';
    if (setting !== group) rows.push([{ colSpan: columns.length, content: setting }]);
    group = setting;
    rows.push([...measured(result), ...compared(comparisonOf(run, i), paint)]);
  });
  return rows.toString().replaceAll(/ +$/gm, '');
}

function measured(result: TaskResult): string[] {
  const { task } = result;
  const name = task.work.kind === 'replay' ? task.work.cell.policy : task.id;
  const timing = timingOf(result);
  if (timing === undefined) return [`  ${name}`, '–', '–', '', ''];
  return [
    `  ${name}`,
    (1000 / timing.median).toFixed(2),
    timing.median.toFixed(1),
    timing.mad.toFixed(1),
    timing.p99.toFixed(1),
  ];
}

function compared(comparison: TaskComparison | undefined, paint: Paint): string[] {
  if (comparison === undefined) return [];
  const { speed, before } = comparison;
  const verdict = verdictOf(comparison);
  const word = paint(verdict, WORDS[verdict]);
  if (speed === undefined) return ['', '', '', '', word];
  const { low, high } = speed.interval;
  return [
    timingOf(before)?.median.toFixed(1) ?? '',
    changeText(speed.ratio),
    `${changeText(low)} … ${changeText(high)}`,
    effectText(speed.detectable),
    word,
  ];
}

function footnotes({ comparison, results }: BenchRun): string {
  const notes: string[] = [];
  if (comparison === undefined) {
    if (results.some((result) => result.rounds.length > 0)) {
      notes.push('ns/request: median of the samples. Keep them: --save-baseline FILE.');
    }
  } else {
    notes.push(`Compared with ${comparison.with}: ${place(comparison.environment)}.`);
    const effect = detectableEverywhere(comparison);
    if (effect !== undefined) {
      notes.push(
        'time: CPU time per request against before; corrected by a calibration loop run beside it.',
        `visible: the smallest slowdown this run could have called one; ${effectText(effect)} for every task.`,
      );
    }
    for (const one of comparison.tasks.filter(({ changes }) => changes.length > 0)) {
      notes.push(`${one.after.task.id}: ${changesText(one)}`);
    }
    for (const doubt of comparison.speedDoubts) notes.push(`Speed decides nothing here: ${doubt}.`);
    const { minEffect } = comparison;
    notes.push(
      {
        fine:
          effect === undefined || comparison.speedDoubts.length > 0
            ? 'Behaviour is the same.'
            : `Behaviour is the same, and nothing is more than ${effectText(minEffect)} slower.`,
        failed: 'A regression, or a change of behaviour.',
        unclear: 'Behaviour is the same; too noisy to say whether it is slower.',
      }[outcomeOf(comparison)],
    );
  }
  return notes.map((note) => `${note}\n`).join('');
}
