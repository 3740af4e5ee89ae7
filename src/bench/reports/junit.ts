import type { TaskResult } from '../task.ts';
import { timingOf } from '../timing.ts';
import { verdictOf, type BenchRun } from '../verdict.ts';
import { changesText, comparisonOf } from './columns.ts';
import type { BenchReport } from './report.ts';
import { speedText } from './words.ts';

/** One test case per task; a change of behaviour and a regression are failures, too noisy to say is skipped. */
export const junit: BenchReport = {
  name: 'junit',
  summary: 'JUnit XML: a test case per task, for CI dashboards.',
  render(run) {
    const cases = run.results.map((result, i) => ({ result, problem: problemOf(run, i) }));
    const count = (kind: string): number =>
      cases.filter(({ problem }) => problem?.kind === kind).length;
    const body = cases.map(({ result, problem }) => testCase(result, problem));
    return [
      '<?xml version="1.0" encoding="UTF-8"?>',
      `<testsuites>`,
      `  <testsuite name="evictlab bench" tests="${cases.length}" failures="${count('failure')}" ` +
        `errors="0" skipped="${count('skipped')}">`,
      ...body,
      '  </testsuite>',
      '</testsuites>',
      '',
    ].join('\n');
  },
};

interface Problem {
  readonly kind: 'failure' | 'skipped';
  readonly message: string;
}

function problemOf(run: BenchRun, index: number): Problem | undefined {
  const comparison = comparisonOf(run, index);
  if (comparison === undefined) return undefined;
  const verdict = verdictOf(comparison);
  if (verdict === 'changed') {
    return { kind: 'failure', message: `behaviour changed: ${changesText(comparison)}` };
  }
  const { speed } = comparison;
  // On another machine speed decides nothing.
  if (speed === undefined || run.comparison?.speedDoubts.length !== 0) return undefined;
  if (verdict === 'slower') return { kind: 'failure', message: speedText(speed) };
  return verdict === 'unclear' ? { kind: 'skipped', message: speedText(speed) } : undefined;
}

function testCase(result: TaskResult, problem: Problem | undefined): string {
  const { task } = result;
  const seconds = ((timingOf(result)?.median ?? 0) * task.requests) / 1e9;
  const attributes = [
    `classname="evictlab.bench.${escaped(task.workload)}"`,
    `name="${escaped(task.id)}"`,
    `time="${seconds.toFixed(6)}"`,
  ].join(' ');
  if (problem === undefined) return `    <testcase ${attributes}/>`;
  return [
    `    <testcase ${attributes}>`,
    `      <${problem.kind} message="${escaped(problem.message)}"/>`,
    '    </testcase>',
  ].join('\n');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

/** Text for an attribute; characters XML has no way to write become question marks. */
function escaped(text: string): string {
  return text.replaceAll(/[&<>"]/g, (char) => ENTITIES[char]).replaceAll(/\p{Cc}/gu, '?');
}
