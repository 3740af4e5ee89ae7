import type { Facts } from './facts.ts';

/**
 * `serious`: writes will be refused, data lost or the server killed. `warning`: trouble under load. `note`: worth
 * knowing, and often meant.
 */
export const SEVERITIES = ['serious', 'warning', 'note'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** What a rule has found. */
export interface Diagnosis {
  readonly severity: Severity;
  /** What is wrong, in one sentence. */
  readonly problem: string;
  /** The settings and numbers it was seen by. */
  readonly evidence: readonly string[];
  /** Why that goes wrong. */
  readonly reason: string;
  /** What to do, as far as it can be pasted. */
  readonly fix: string;
}

/** One thing that can be wrong with a server: one function, one line in the registry. */
export interface Rule {
  readonly id: string;
  /** What it looks for, in one sentence. */
  readonly summary: string;
  /** undefined when nothing is wrong, or too little is known to say. */
  examine(facts: Facts): Diagnosis | undefined;
}

export interface Finding extends Diagnosis {
  readonly rule: string;
}

/** A line for redis.conf with a remark above it: the server takes no comment behind a directive. */
export const remarked = (line: string, remark: string): string => `# ${remark}\n${line}`;
