import type { TaskResult } from '../task.ts';
import { timingOf } from '../timing.ts';
import { verdictOf, type BenchRun, type Verdict } from '../verdict.ts';
import { changesText, comparisonOf } from './columns.ts';
import type { BenchReport } from './report.ts';
import { speedText } from './words.ts';

/**
 * One test case per task; a change of behaviour and a regression are failures, too noisy to say is skipped. Valid by the
 * schema of Ant's JUnitReport (windyroad/JUnit-Schema) and by that of Jenkins (xunit-plugin, junit-10.xsd).
 */
export const junit: BenchReport = {
  name: 'junit',
  summary: 'JUnit XML: a test case per task, for CI dashboards.',
  render(run) {
    const cases = run.results.map((result, i) => ({ result, problem: problemOf(run, i) }));
    const count = (kind: string): number =>
      cases.filter(({ problem }) => problem?.kind === kind).length;
    const seconds = run.results.reduce((sum, result) => sum + secondsOf(result), 0);
    const attributes = attributesOf({
      id: '0',
      package: 'evictlab',
      name: 'evictlab bench',
      // The schemas want it without a time zone: UTC.
      timestamp: run.finishedAt.toISOString().slice(0, 'YYYY-MM-DDThh:mm:ss'.length),
      // Theirs for a host without a name; ours is nobody's business.
      hostname: 'localhost',
      tests: String(cases.length),
      failures: String(count('failure')),
      errors: '0',
      skipped: String(count('skipped')),
      time: seconds.toFixed(6),
    });
    return [
      '<?xml version="1.0" encoding="UTF-8"?>',
      `<testsuites>`,
      `  <testsuite ${attributes}>`,
      '    <properties>',
      ...Object.entries({ ...run.environment, seed: run.seed }).map(
        ([name, value]) => `      <property ${attributesOf({ name, value: String(value) })}/>`,
      ),
      '    </properties>',
      ...cases.map(({ result, problem }) => testCase(result, problem)),
      '    <system-out/>',
      '    <system-err/>',
      '  </testsuite>',
      '</testsuites>',
      '',
    ].join('\n');
  },
};

interface Problem {
  readonly kind: 'failure' | 'skipped';
  readonly type: Verdict;
  readonly message: string;
}

function problemOf(run: BenchRun, index: number): Problem | undefined {
  const comparison = comparisonOf(run, index);
  if (comparison === undefined) return undefined;
  const verdict = verdictOf(comparison);
  if (verdict === 'changed') {
    const message = `behaviour changed: ${changesText(comparison)}`;
    return { kind: 'failure', type: verdict, message };
  }
  const { speed } = comparison;
  // On another machine speed decides nothing.
  if (speed === undefined || run.comparison?.speedDoubts.length !== 0) return undefined;
  const message = speedText(speed);
  if (verdict === 'slower') return { kind: 'failure', type: verdict, message };
  return verdict === 'unclear' ? { kind: 'skipped', type: verdict, message } : undefined;
}

/** Median CPU time of one run of the task. */
function secondsOf(result: TaskResult): number {
  return ((timingOf(result)?.median ?? 0) * result.task.requests) / 1e9;
}

function testCase(result: TaskResult, problem: Problem | undefined): string {
  const { workload, id } = result.task;
  const attributes = attributesOf({
    classname: `evictlab.bench.${workload}`,
    name: id,
    time: secondsOf(result).toFixed(6),
  });
  if (problem === undefined) return `    <testcase ${attributes}/>`;
  const { kind, type, message } = problem;
  return [
    `    <testcase ${attributes}>`,
    `      <${kind} ${attributesOf({ type, message })}/>`,
    '    </testcase>',
  ].join('\n');
}

function attributesOf(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}="${escaped(value)}"`)
    .join(' ');
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
