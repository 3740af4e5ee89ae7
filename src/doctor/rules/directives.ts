import { nearestName } from '../../nearest.ts';
import { DIRECTIVES, hasDirective, isOfModule, versionsWith } from '../directives.ts';
import { type Facts, isRunning } from '../facts.ts';
import type { Rule } from '../rule.ts';
import type { Setting } from '../settings.ts';

interface Unknown {
  readonly name: string;
  readonly setting: Setting;
  /** Versions that have it. */
  readonly versions: readonly string[];
}

/** Directives that the version has not, but for the misspelt ones; none of a running server, which names its own. */
function unknownIn(facts: Facts): Unknown[] {
  const { settings, profile } = facts;
  if (settings === undefined || isRunning(facts)) return [];
  const misspelt = new Set(settings.misspelt().map(({ name }) => name));
  return settings
    .stated()
    .filter(({ name }) => !misspelt.has(name) && !isOfModule(name))
    .filter(({ name }) => hasDirective(profile.name, name) === false)
    .map(({ name, setting }) => ({ name, setting, versions: versionsWith(name) }));
}

export const directiveOfAnotherVersion: Rule = {
  id: 'directive-of-another-version',
  summary: 'a directive that other versions have, and this one does not',
  examine(facts) {
    const foreign = unknownIn(facts).filter(({ versions }) => versions.length > 0);
    if (foreign.length === 0) return undefined;
    return {
      severity: 'serious',
      problem: `The server will not start: ${facts.profile.name} knows no ${foreign.map(({ name }) => name).join(', ')}.`,
      evidence: foreign.map(({ name, setting }) => shown(name, setting)),
      reason: `A line that it does not know ends the start. ${foreign.map(({ name, versions }) => `${name}: ${spanOf(versions)}.`).join(' ')}`,
      fix: foreign.map(leftOut).join('\n'),
    };
  },
};

export const directiveUnknown: Rule = {
  id: 'directive-unknown',
  summary: 'a directive that no version has, unless a module or a fork brings it',
  examine(facts) {
    const unknown = unknownIn(facts).filter(({ versions }) => versions.length === 0);
    if (unknown.length === 0) return undefined;
    return {
      severity: 'warning',
      problem: `No version of Redis or Valkey known here has ${unknown.map(({ name }) => name).join(', ')}.`,
      evidence: unknown.map(({ name, setting }) => shown(name, setting)),
      reason:
        'A line that the server does not know ends its start. It is fine if a module, a fork or a newer version brings it.',
      fix: unknown.map(leftOut).join('\n'),
    };
  },
};

const shown = (name: string, { text, where }: Setting): string =>
  `${name} ${text === '' ? '""' : text} (${where})`;

/** A line that is no longer one, and how the nearest directive of any version is called, if one is near. */
function leftOut({ name, setting, versions }: Unknown): string {
  const near = versions.length > 0 ? undefined : nearestName(name, DIRECTIVES);
  const line = `# ${name} ${setting.text}`;
  return near === undefined ? line : `# Perhaps ${near} was meant.\n${line}`;
}

/** `in redis-6.2, redis-7.0, …` in a few words; versions of one flavour are told by their ends. */
function spanOf(versions: readonly string[]): string {
  return ['redis', 'valkey']
    .map((flavour) => versions.filter((version) => version.startsWith(flavour)))
    .filter((own) => own.length > 0)
    .map((own) => (own.length === 1 ? own[0] : `${own[0]} to ${own[own.length - 1]}`))
    .join(', ');
}
