import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compare } from '../../src/bench/compare.ts';
import { github } from '../../src/bench/reports/github.ts';
import { junit } from '../../src/bench/reports/junit.ts';
import type { TaskResult } from '../../src/bench/task.ts';
import type { BenchRun } from '../../src/bench/verdict.ts';
import { Random } from '../../src/random.ts';
import { someResult } from './samples.ts';
import { parseXml, type Element } from './xml.ts';

const ENVIRONMENT = {
  cpu: 'CPU "A" <4 GHz> & more',
  cores: 2,
  platform: 'linux x64',
  node: 'v20.0.0',
  evictlab: '0.1.0',
  commit: 'abcdef012345',
};

/** Tasks that are fine, slower, too noisy, changed, and not timed; the ids hold what XML must escape. */
function run(isCompared: boolean): BenchRun {
  const random = new Random(1, 'ci');
  const quiet = { process: 0.001, sample: 0.001, disturbed: 0 };
  const noisy = { process: 0.5, sample: 0.5, disturbed: 0 };
  const task = (id: string, ns: number, noise = quiet, hits = 1): TaskResult =>
    someResult(id, ns, random, { noise, metrics: { hits } });
  const before = ['same', 'slower <&">', 'noisy', 'changed'].map((id) =>
    task(id, 100, id === 'noisy' ? noisy : quiet),
  );
  const results = [
    task('same', 100),
    task('slower <&">', 200),
    task('noisy', 100, noisy),
    task('changed', 100, quiet, 2),
  ];
  const tasks = compare(before, results, { minEffect: 0.1, interleaved: false, seed: 1 });
  const comparison = {
    with: 'base.json',
    environment: ENVIRONMENT,
    speedDoubts: [],
    minEffect: 0.1,
    tasks,
  };
  return {
    finishedAt: new Date(Date.UTC(2026, 0, 2, 3, 4, 5)),
    environment: ENVIRONMENT,
    seed: 1,
    results: isCompared ? results : [...results, { ...task('untimed', 1), rounds: [] }],
    comparison: isCompared ? comparison : undefined,
  };
}

const BOTH = [run(true), run(false)];

/** Attributes and children of an element: names, and what values look like. */
interface Rule {
  readonly required: Readonly<Record<string, RegExp>>;
  readonly optional?: Readonly<Record<string, RegExp>>;
  /** Children in this order, as a pattern over their names, each followed by a comma. */
  readonly children: RegExp;
}

const TEXT = /^/;
const TOKEN = /^\S(.*\S)?$/;
const INTEGER = /^\d+$/;
const DECIMAL = /^\d+(\.\d+)?$/;

/** windyroad/JUnit-Schema, JUnit.xsd: what Apache Ant's JUnitReport takes. */
const ANT: Readonly<Partial<Record<string, Rule>>> = {
  testsuites: { required: {}, children: /^(testsuite,)*$/ },
  testsuite: {
    required: {
      package: TOKEN,
      id: INTEGER,
      name: TOKEN,
      timestamp: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/,
      hostname: TOKEN,
      tests: INTEGER,
      failures: INTEGER,
      errors: INTEGER,
      time: DECIMAL,
    },
    optional: { skipped: INTEGER },
    children: /^properties,(testcase,)*system-out,system-err,$/,
  },
  properties: { required: {}, children: /^(property,)*$/ },
  property: { required: { name: TOKEN, value: TEXT }, children: /^$/ },
  testcase: {
    required: { name: TOKEN, classname: TOKEN, time: DECIMAL },
    children: /^((skipped|error|failure),)?$/,
  },
  failure: { required: { type: TEXT }, optional: { message: TEXT }, children: /^$/ },
  // Declared without a type: anything goes.
  skipped: { required: {}, optional: { type: TEXT, message: TEXT }, children: /^$/ },
  'system-out': { required: {}, children: /^$/ },
  'system-err': { required: {}, children: /^$/ },
};

/** jenkinsci/xunit-plugin, junit-10.xsd, where it is stricter: its times. */
const SUREFIRE_TIME = /^(([0-9]{0,3},)*[0-9]{3}|[0-9]{0,3})*(\.[0-9]*)?$/;

function checkAgainst(rules: typeof ANT, element: Element): void {
  const { name, attributes, children } = element;
  const rule = rules[name];
  assert.ok(rule !== undefined, `<${name}> is no element of the schema`);
  for (const [attribute, form] of Object.entries(rule.required)) {
    assert.ok(attribute in attributes, `<${name}> lacks ${attribute}`);
    assert.match(attributes[attribute], form, `<${name} ${attribute}>`);
  }
  for (const [attribute, value] of Object.entries(attributes)) {
    const form = { ...rule.optional, ...rule.required }[attribute];
    assert.ok(attribute in { ...rule.optional, ...rule.required }, `<${name}> has no ${attribute}`);
    assert.match(value, form);
  }
  assert.match(children.map((child) => `${child.name},`).join(''), rule.children, `in <${name}>`);
  for (const child of children) checkAgainst(rules, child);
}

describe('JUnit XML of the bench', () => {
  it('is valid by the schemas of Ant and Jenkins', () => {
    for (const one of BOTH) {
      const document = parseXml(junit.render(one, { color: false }));
      checkAgainst(ANT, document);
      const [suite] = document.children;
      for (const { attributes } of [suite, ...suite.children]) {
        if ('time' in attributes) assert.match(attributes.time, SUREFIRE_TIME);
      }
    }
  });

  it('counts and names what is in it', () => {
    const [suite] = parseXml(junit.render(BOTH[0], { color: false })).children;
    const cases = suite.children.filter(({ name }) => name === 'testcase');
    assert.deepEqual(
      cases.map(({ attributes, children }) => [attributes.name, children.at(0)?.name]),
      [
        ['same', undefined],
        ['slower <&">', 'failure'],
        ['noisy', 'skipped'],
        ['changed', 'failure'],
      ],
    );
    const { tests, failures, skipped, errors, timestamp } = suite.attributes;
    assert.deepEqual([tests, failures, skipped, errors], ['4', '2', '1', '0']);
    assert.equal(timestamp, '2026-01-02T03:04:05');
    const cpu = suite.children[0].children.find(({ attributes }) => attributes.name === 'cpu');
    assert.equal(cpu?.attributes.value, ENVIRONMENT.cpu);
  });
});

describe('JSON for github-action-benchmark', () => {
  it('is an array of what customSmallerIsBetter takes: name, unit, value, range, extra', () => {
    for (const one of BOTH) {
      const entries: unknown = JSON.parse(github.render(one, { color: false }));
      assert.ok(Array.isArray(entries) && entries.length === 4, 'what was timed');
      const names = new Set<unknown>();
      for (const entry of entries as Record<string, unknown>[]) {
        assert.deepEqual(Object.keys(entry).sort(), ['extra', 'name', 'range', 'unit', 'value']);
        const { name, unit, value, range, extra } = entry;
        assert.ok([name, unit, range, extra].every((text) => typeof text === 'string'));
        assert.ok(typeof value === 'number' && Number.isFinite(value) && value > 0);
        // The action takes the number after the sign for the spread.
        assert.match(String(range), /^± \d+(\.\d+)?$/);
        names.add(name);
      }
      assert.equal(names.size, entries.length, 'the action finds a benchmark again by its name');
    }
  });
});
