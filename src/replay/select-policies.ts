import { UsageError } from '../errors.ts';
import { unknownName } from '../nearest.ts';
import { POLICIES } from '../policies/registry.ts';
import type { ServerProfile } from '../servers/profile.ts';

const namesOf = (family: 'server' | 'reference'): string[] =>
  POLICIES.filter((policy) => policy.family === family).map((policy) => policy.name);

/** Policies that can't run without the whole trace in memory. */
export const FORESEEING_POLICIES: readonly string[] = POLICIES.filter(
  (policy) => policy.foreseesTrace === true,
).map((policy) => policy.name);

/** Names that stand for several policies. */
const GROUPS: Readonly<Record<string, (profile: ServerProfile) => readonly string[]>> = {
  all: (profile) => profile.policies,
  server: (profile) => profile.policies,
  reference: () => namesOf('reference'),
};

/**
 * The policies of one server that `selection` (names and groups) stands for, each once, in order of mention. Throws
 * UsageError for names nobody knows and for policies this server doesn't have.
 */
export function selectPolicies(selection: readonly string[], profile: ServerProfile): string[] {
  const references = namesOf('reference');
  const chosen = selection.flatMap((name) => {
    const group = Object.hasOwn(GROUPS, name) ? GROUPS[name] : undefined;
    if (group !== undefined) return group(profile);
    if (profile.policies.includes(name) || references.includes(name)) return [name];
    const known = POLICIES.map((policy) => policy.name);
    if (!known.includes(name)) {
      throw new UsageError(unknownName('policy', name, [...known, ...Object.keys(GROUPS)]));
    }
    throw new UsageError(
      `${profile.name} has no policy "${name}". It has ${profile.policies.join(', ')}; ` +
        `the references (${references.join(', ')}) run on every server.`,
    );
  });
  return [...new Set(chosen)];
}
