import type { Facts } from './facts.ts';
import { RULES } from './registry.ts';
import { type Finding, SEVERITIES } from './rule.ts';

/** What is wrong, the worst first. */
export function diagnose(facts: Facts): Finding[] {
  const findings = RULES.flatMap((rule) => {
    const diagnosis = rule.examine(facts);
    return diagnosis === undefined ? [] : [{ rule: rule.id, ...diagnosis }];
  });
  return SEVERITIES.flatMap((severity) => findings.filter((found) => found.severity === severity));
}
