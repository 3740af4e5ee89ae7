import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { writeAtomically } from '../atomic-file.ts';
import type { Environment } from './environment.ts';
import { NotComparableError } from './not-comparable.ts';
import type { Metrics, Round, TaskResult } from './task.ts';

const SCHEMA = 'evictlab bench baseline';
const VERSION = 1;

const settingsSchema = z.object({
  sources: z.array(z.string()),
  requests: z.string().optional(),
  'workload-seed': z.string().optional(),
  format: z.string().optional(),
  'key-bytes': z.string().optional(),
  server: z.array(z.string()),
  policy: z.array(z.string()),
  maxmemory: z.array(z.string()),
  seed: z.string(),
});

const timingsSchema = z.array(z.number().positive()).min(1);

const fileSchema = z.object({
  schema: z.literal(SCHEMA),
  version: z.literal(VERSION),
  environment: z.object({
    cpu: z.string(),
    cores: z.number(),
    platform: z.string(),
    node: z.string(),
    evictlab: z.string(),
    commit: z.string(),
  }),
  settings: settingsSchema,
  tasks: z.array(
    z.object({
      id: z.string(),
      metrics: z.record(z.string(), z.union([z.number(), z.string()])),
      rounds: z.array(z.object({ ns: timingsSchema, calibration_ns: timingsSchema })),
    }),
  ),
});

/** The command line a bench was run with, as texts of its options: enough to run it again. */
export type BenchSettings = Readonly<z.infer<typeof settingsSchema>>;

/** Results of a run, kept to compare later ones with. */
export interface Baseline {
  readonly environment: Environment;
  readonly settings: BenchSettings;
  readonly tasks: readonly {
    readonly id: string;
    readonly metrics: Metrics;
    readonly rounds: readonly Round[];
  }[];
}

/** Reads a file of {@link writeBaseline}. Throws NotComparableError when there is none or it is something else. */
export async function readBaseline(file: string): Promise<Baseline> {
  let content: unknown;
  try {
    content = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new NotComparableError(
      `${file}: no baseline to read (${reason}). Make one with --save-baseline ${file}.`,
      { cause: error },
    );
  }
  const parsed = fileSchema.safeParse(content);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new NotComparableError(
      `${file}: not a baseline of version ${VERSION} (${issue.path.join('.')}: ${issue.message}). ` +
        `Make a new one with --save-baseline.`,
    );
  }
  const { environment, settings, tasks } = parsed.data;
  return {
    environment,
    settings,
    tasks: tasks.map((task) => ({
      id: task.id,
      metrics: task.metrics,
      rounds: task.rounds.map(({ ns, calibration_ns }) => ({ ns, calibrationNs: calibration_ns })),
    })),
  };
}

/** Writes a baseline as JSON with sorted keys, raw samples included, so that later statistics can be other ones. */
export async function writeBaseline(
  file: string,
  environment: Environment,
  settings: BenchSettings,
  results: readonly TaskResult[],
): Promise<void> {
  const short = (values: readonly number[]): number[] =>
    values.map((value) => Number(value.toFixed(3)));
  const content: z.infer<typeof fileSchema> = {
    schema: SCHEMA,
    version: VERSION,
    environment,
    settings,
    tasks: results.map((result) => ({
      id: result.task.id,
      metrics: { ...result.metrics },
      rounds: result.rounds.map(({ ns, calibrationNs }) => ({
        ns: short(ns),
        calibration_ns: short(calibrationNs),
      })),
    })),
  };
  await writeAtomically(file, [`${jsonOf(content, '')}\n`]);
}

/** JSON with sorted keys, lists of numbers on one line: a diff shows what changed. */
function jsonOf(value: unknown, indent: string): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    if (value.every((item) => typeof item !== 'object')) {
      return `[${value.map((item) => JSON.stringify(item)).join(', ')}]`;
    }
    return block(
      '[',
      ']',
      value.map((item) => jsonOf(item, inner)),
      indent,
    );
  }
  const entries = Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, item]) => `${JSON.stringify(key)}: ${jsonOf(item, inner)}`);
  return block('{', '}', entries, indent);
}

function block(open: string, close: string, lines: readonly string[], indent: string): string {
  return `${open}\n${lines.map((line) => `${indent}  ${line}`).join(',\n')}\n${indent}${close}`;
}

/**
 * The baseline's results of the tasks of this run, in its order. Throws NotComparableError unless both have the same
 * tasks over as many requests.
 */
export function resultsOf(
  { tasks: baseline, settings }: Baseline,
  results: readonly TaskResult[],
  now: BenchSettings,
): TaskResult[] {
  const byId = new Map(baseline.map((task) => [task.id, task]));
  const added = results.filter(({ task }) => !byId.has(task.id)).map(({ task }) => task.id);
  const ids = new Set(results.map(({ task }) => task.id));
  const missing = baseline.filter(({ id }) => !ids.has(id)).map(({ id }) => id);
  const named = (list: readonly string[]): string =>
    list.slice(0, 3).join('; ') + (list.length > 3 ? `; and ${list.length - 3} more` : '');
  const problems = [
    ...(added.length > 0 ? [`the baseline lacks ${named(added)}`] : []),
    ...(missing.length > 0 ? [`this run lacks ${named(missing)}`] : []),
    ...(['requests', 'workload-seed', 'key-bytes', 'seed'] as const)
      .filter((name) => settings[name] !== now[name])
      .map(
        (name) => `--${name} was ${settings[name] ?? 'not given'}, is ${now[name] ?? 'not given'}`,
      ),
  ];
  if (problems.length > 0) {
    throw new NotComparableError(
      `The baseline is of something else: ${problems.join(', ')}. ` +
        `Without options of its own, bench --baseline runs what the baseline ran.`,
    );
  }
  return results.map(({ task }) => {
    const { metrics, rounds } = byId.get(task.id)!;
    return { task, metrics, rounds };
  });
}
