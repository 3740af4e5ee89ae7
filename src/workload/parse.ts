import { LineCounter, isMap, isScalar, parseDocument, type Document } from 'yaml';
import type { z } from 'zod';
import { UsageError } from '../errors.ts';
import {
  groupedFileSchema,
  hasGroups,
  simpleFileSchema,
  workloadSpec,
  type WorkloadSpec,
} from './spec.ts';

type Issue = z.core.$ZodIssue;

/**
 * The workload called `name` in `text` (YAML 1.2, so JSON as well), read from `file`. Throws UsageError with file, line,
 * column, the setting, what was given and what is allowed, for the first thing that is wrong.
 */
export function parseWorkload(text: string, name: string, file: string): WorkloadSpec {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const fail = (offset: number, message: string): never => {
    const { line, col } = lines.linePos(offset);
    throw new UsageError(`${file}:${line}:${col}: ${message}`);
  };
  if (document.errors.length > 0) {
    const broken = document.errors[0];
    fail(broken.pos[0], `not valid YAML: ${broken.message.split('\n')[0]}`);
  }

  let content: unknown;
  try {
    content = document.toJS();
  } catch (error) {
    // An alias without its anchor, or aliases that multiply beyond reason.
    return fail(0, `not valid YAML: ${(error as Error).message}.`);
  }
  const schema = hasGroups(content) ? groupedFileSchema : simpleFileSchema;
  const result = schema.safeParse(content);
  if (result.success) return workloadSpec(name, result.data);
  // A misspelt key makes others seem missing, so it is told first.
  const { issues } = result.error;
  const issue = issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0];
  const more = issues.length - 1;
  return fail(
    offsetOf(document, issue),
    sentence(content, issue) +
      (more === 0 ? '' : ` (And ${more} more thing${more === 1 ? '' : 's'} to mend.)`),
  );
}

/** Where in the file the issue is: at the unknown key, at the wrong value, or where the missing one belongs. */
function offsetOf(document: Document, issue: Issue): number {
  if (issue.code === 'unrecognized_keys') {
    const parent = issue.path.length === 0 ? document.contents : document.getIn(issue.path, true);
    if (isMap(parent)) {
      const pair = parent.items.find(
        ({ key }) => isScalar(key) && String(key.value) === issue.keys[0],
      );
      if (isScalar(pair?.key)) return pair.key.range?.[0] ?? 0;
    }
  }
  for (let depth = issue.path.length; depth > 0; depth--) {
    const node = document.getIn(issue.path.slice(0, depth), true) as
      { range?: [number, number, number] | null } | undefined;
    if (node?.range) return node.range[0];
  }
  return document.contents?.range?.[0] ?? 0;
}

function sentence(content: unknown, issue: Issue): string {
  const path = pathText(issue.path);
  const given = valueAt(content, issue.path);
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0];
    const belongs = hasGroups(content) && issue.path.length === 0 && key in simpleFileSchema.shape;
    const advice = belongs ? ` With groups, "${key}" belongs inside each group.` : '';
    return `${path === '' ? '' : `${path}: `}${issue.message}${advice}`;
  }
  if (issue.message.endsWith('.')) return `${path}: ${issue.message}`;
  if (path === '') return `The file must be ${issue.message}.`;
  if (given === undefined) return `${path} is missing: write ${issue.message}.`;
  return `${path} must be ${issue.message}; got ${givenText(given)}.`;
}

function valueAt(content: unknown, path: readonly PropertyKey[]): unknown {
  let value = content;
  for (const part of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<PropertyKey, unknown>)[part];
  }
  return value;
}

function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((part, i) =>
      typeof part === 'number' ? `[${part}]` : `${i === 0 ? '' : '.'}${String(part)}`,
    )
    .join('');
}

function givenText(given: unknown): string {
  if (given === null) return 'nothing';
  if (typeof given === 'number') return String(given); // JSON has no Infinity and no NaN.
  const json = JSON.stringify(given);
  return json.length <= 60 ? json : `${json.slice(0, 57)}…`;
}
