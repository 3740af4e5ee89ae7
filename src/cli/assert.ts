import { UsageError } from '../errors.ts';
import { RUN_COLUMNS, formatValue, type RunColumn } from '../metrics/columns.ts';
import { unknownName } from '../nearest.ts';
import { POLICIES } from '../policies/registry.ts';
import type { Cell, CellResult } from '../replay/cell.ts';
import { findServer } from '../servers/find-server.ts';
import type { Allocator } from '../servers/profile.ts';
import { parseSize } from '../units.ts';

type Value = string | number;

/** What an operator says of a value that is there. */
const OPERATORS: Readonly<Record<string, (actual: Value, expected: Value) => boolean>> = {
  '>=': (actual, expected) => actual >= expected,
  '<=': (actual, expected) => actual <= expected,
  '==': (actual, expected) => actual === expected,
  '!=': (actual, expected) => actual !== expected,
  '>': (actual, expected) => actual > expected,
  '<': (actual, expected) => actual < expected,
};

/** A condition that every cell it is about must meet, such as `allkeys-lru.hit_ratio>=0.9`. */
export interface Assertion {
  readonly text: string;
  /** A profile, with the allocator of an alias. */
  readonly server: { readonly name: string; readonly allocator: Allocator | undefined } | undefined;
  readonly policy: string | undefined;
  readonly column: RunColumn;
  readonly holds: (value: Value) => boolean;
}

/** A cell that does not meet an assertion; `actual` as the CSV has it, '' for none. */
export interface Violation {
  readonly assertion: Assertion;
  readonly cell: Cell;
  readonly actual: string;
}

const FORM =
  'Write a column, one of >= <= > < == != and a value, such as hit_ratio>=0.9 or ' +
  'allkeys-lru.evicted_keys<=1e5.';

/**
 * Reads `[[server/]policy.]column operator value`. Throws UsageError for a name nobody knows and for a value that the
 * column can't have.
 */
export function parseAssertion(text: string): Assertion {
  const match = /^\s*(?:(.*)\.)?([^\s.]+?)\s*(>=|<=|==|!=|>|<)\s*([^\s=<>!]+)\s*$/.exec(text);
  if (match === null) throw new UsageError(`--assert "${text}": not an assertion. ${FORM}`);
  const prefix = match[1] as string | undefined;
  const [, , name, operator, expected] = match;
  const column = RUN_COLUMNS.find((c) => c.name === name);
  if (column === undefined) {
    const names = RUN_COLUMNS.map((c) => c.name);
    throw new UsageError(`--assert "${text}": ${unknownName('column', name, names)}`);
  }
  const slash = prefix?.lastIndexOf('/') ?? -1;
  const server = slash < 0 ? undefined : serverMeant(prefix!.slice(0, slash));
  const policy = prefix?.slice(slash + 1);
  const policies = POLICIES.map((p) => p.name);
  if (policy !== undefined && !policies.includes(policy)) {
    throw new UsageError(`--assert "${text}": ${unknownName('policy', policy, policies)}`);
  }
  const value = expectedValue(text, column, operator, expected);
  const compare = OPERATORS[operator];
  return { text, server, policy, column, holds: (actual) => compare(actual, value) };
}

function serverMeant(name: string): Assertion['server'] {
  const { profile, allocator, origin } = findServer(name);
  return { name: profile.name, allocator: origin === undefined ? undefined : allocator };
}

function expectedValue(text: string, column: RunColumn, operator: string, expected: string): Value {
  if (column.format === 'text') {
    if (operator === '==' || operator === '!=') return expected;
    throw new UsageError(`--assert "${text}": ${column.name} is text; compare it with == or !=.`);
  }
  if (column.unit === 'bytes' && /^\d+[a-z]+$/i.test(expected))
    return parseSize(expected, `--assert "${text}"`);
  const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(expected) ? Number(expected) : NaN;
  if (Number.isNaN(value)) {
    throw new UsageError(`--assert "${text}": "${expected}" is not a number. ${FORM}`);
  }
  return value;
}

function isAbout({ server, policy }: Assertion, cell: Cell): boolean {
  return (
    (server === undefined || server.name === cell.server) &&
    (server?.allocator === undefined || server.allocator === cell.allocator) &&
    (policy === undefined || policy === cell.policy)
  );
}

/** Throws UsageError for an assertion about none of the cells: it would hold whatever happens. */
export function checkAssertionsApply(
  assertions: readonly Assertion[],
  cells: readonly Cell[],
): void {
  for (const assertion of assertions) {
    if (cells.some((cell) => isAbout(assertion, cell))) continue;
    const run = [...new Set(cells.map((cell) => `${cell.server}/${cell.policy}`))];
    throw new UsageError(
      `--assert "${assertion.text}": no cell of this run is meant. It runs ${run.join(', ')}.`,
    );
  }
}

/**
 * Every cell that breaks an assertion. Values are compared as the CSV has them (ratios with six decimals); a value that
 * is not there, such as a hit ratio without lookups, meets no assertion.
 */
export function violations(
  assertions: readonly Assertion[],
  results: readonly CellResult[],
): Violation[] {
  return assertions.flatMap((assertion) =>
    results
      .filter(({ cell }) => isAbout(assertion, cell))
      .map((result) => {
        const { column } = assertion;
        return {
          assertion,
          cell: result.cell,
          actual: formatValue(column.value(result), column.format),
        };
      })
      .filter(({ actual }) => {
        if (actual === '') return true;
        return !assertion.holds(assertion.column.format === 'text' ? actual : Number(actual));
      }),
  );
}

/** One line for people: what was expected, where it failed, what was found. */
export function violationText({ assertion, cell, actual }: Violation): string {
  const where =
    `${cell.workload}, ${cell.server}, ${cell.policy}, maxmemory ${cell.maxmemoryBytes}, ` +
    `seed ${cell.seed}`;
  const found = actual === '' ? 'no value' : actual;
  return `assertion failed: ${assertion.text}: ${assertion.column.name} is ${found} (${where})`;
}
