import { nearestName } from '../../nearest.ts';
import { type Host, isContained, usableBytes } from '../../sizing/host.ts';
import { formatBytes } from '../../units.ts';
import { type Facts, headroomOf, infoNumber, maxmemoryOf, policyOf } from '../facts.ts';
import { remarked, type Rule } from '../rule.ts';

export const directiveMisspelt: Rule = {
  id: 'directive-misspelt',
  summary: 'a directive is nearly called as one that matters, but not quite',
  examine({ settings }) {
    const misspelt = settings?.misspelt() ?? [];
    if (settings === undefined || misspelt.length === 0) return undefined;
    return {
      severity: 'serious',
      problem: `The server will not start: it knows no ${misspelt.map(({ name }) => name).join(', ')}.`,
      evidence: misspelt.map(({ name }) => settings.quote(name)),
      reason:
        'A line that it does not know ends the start; the setting it was meant for is not made.',
      fix: misspelt.map(({ meant, setting }) => `${meant} ${setting.text}`).join('\n'),
    };
  },
};

export const maxmemoryUnreadable: Rule = {
  id: 'maxmemory-unreadable',
  summary: 'maxmemory is no size that the server takes, such as 75% or 1.5gb',
  examine({ settings, host }) {
    if (settings === undefined || !Number.isNaN(settings.bytes('maxmemory'))) return undefined;
    const text = settings.text('maxmemory');
    return {
      severity: 'serious',
      problem: `The server will not start: maxmemory ${text} is no size.`,
      evidence: [settings.quote('maxmemory')],
      reason: text.includes('%')
        ? 'No version of Redis or Valkey takes a percentage here; only maxmemory-clients does.'
        : 'A size is a whole number, alone or with k, m, g (powers of 1000) or kb, mb, gb (powers of 1024).',
      fix: suggestedLimit(text, host),
    };
  },
};

/** The limit that was meant, as far as it can be told. */
function suggestedLimit(text: string, host: Host | undefined): string {
  const percent = /^(\d+(?:\.\d+)?)%$/.exec(text)?.[1];
  if (percent !== undefined && host !== undefined) {
    const bytes = (usableBytes(host) * Number(percent)) / 100;
    return remarked(
      `maxmemory ${roundedMib(bytes)}`,
      `${text} of ${formatBytes(usableBytes(host))}`,
    );
  }
  const binary = /^(\d+(?:\.\d+)?)\s*([kmgt])i?b?$/i.exec(text);
  if (binary === null) return 'maxmemory 100mb';
  const mib = Number(binary[1]) * 1024 ** ('kmgt'.indexOf(binary[2].toLowerCase()) - 1);
  return `maxmemory ${Math.max(1, Math.round(mib))}mb`;
}

/** Directives with a range, by their names. */
const RANGES: Readonly<Record<string, readonly [number, number]>> = {
  'maxmemory-eviction-tenacity': [0, 100],
  'lfu-log-factor': [0, 2 ** 31 - 1],
  'lfu-decay-time': [0, 2 ** 31 - 1],
  'active-expire-effort': [1, 10],
};

export const settingOutOfRange: Rule = {
  id: 'setting-out-of-range',
  summary: 'an eviction setting is one that the server refuses',
  examine({ settings, profile }) {
    if (settings === undefined) return undefined;
    const ranges = { ...RANGES, 'maxmemory-samples': [1, profile.maxSamples] as const };
    const policy = settings.text('maxmemory-policy').toLowerCase();
    const wrong = Object.entries(ranges).filter(([name, [least, most]]) => {
      if (settings.text(name) === '') return false;
      const value = settings.number(name);
      return !(value >= least && value <= most);
    });
    const isUnknownPolicy = !profile.policies.includes(policy);
    if (wrong.length === 0 && !isUnknownPolicy) return undefined;
    const near = nearestName(policy, profile.policies);
    const names = wrong.map(([name]) => name);
    return {
      severity: 'serious',
      problem: `The server will not start: ${[...names, ...(isUnknownPolicy ? ['maxmemory-policy'] : [])].join(', ')} out of range.`,
      evidence: [...names, ...(isUnknownPolicy ? ['maxmemory-policy'] : [])].map((name) =>
        settings.quote(name),
      ),
      reason: [
        ...wrong.map(([name, [least, most]]) => `${name} goes from ${least} to ${most}.`),
        ...(isUnknownPolicy ? [`${profile.name} has ${profile.policies.join(', ')}.`] : []),
      ].join(' '),
      fix: [
        ...wrong.map(
          ([name, [least, most]]) =>
            `${name} ${Math.min(most, Math.max(least, settings.number(name) || least))}`,
        ),
        ...(isUnknownPolicy ? [`maxmemory-policy ${near ?? 'allkeys-lru'}`] : []),
      ].join('\n'),
    };
  },
};

export const noMaxmemory: Rule = {
  id: 'no-maxmemory',
  summary: 'no limit is set, so the kernel is the one that ends the growth',
  examine(facts) {
    const { settings, host } = facts;
    if (settings?.bytes('maxmemory') !== 0) return undefined;
    const contained = host !== undefined && isContained(host);
    const evicts = policyOf(facts) !== 'noeviction';
    const suggested = host === undefined ? undefined : roundedMib(usableBytes(host) / 2);
    return {
      severity: contained ? 'serious' : 'warning',
      problem: contained
        ? 'The server may grow beyond its container, whose limit kills it.'
        : 'The server may grow until the machine has no memory left.',
      evidence: [
        settings.quote('maxmemory'),
        ...(evicts ? [settings.quote('maxmemory-policy')] : []),
        ...(host === undefined ? [] : [memoryOf(facts)]),
      ],
      reason: evicts
        ? 'Without a limit nothing is ever evicted, whatever maxmemory-policy says.'
        : 'Without a limit writes are never refused; the kernel kills the server instead.',
      fix: remarked(
        `maxmemory ${suggested ?? '100mb'}`,
        'half of the memory; how much your traffic needs is for "evictlab run --maxmemory" to say',
      ),
    };
  },
};

const roundedMib = (bytes: number): string => `${Math.max(1, Math.floor(bytes / 2 ** 20))}mb`;

export const maxmemoryBelowStart: Rule = {
  id: 'maxmemory-below-start',
  summary: 'the limit is below what the empty server uses',
  examine(facts) {
    const { settings, profile, allocator } = facts;
    const maxmemory = maxmemoryOf(facts);
    const startup =
      infoNumber(facts, 'used_memory_startup') || profile.startupMemoryBytes(allocator);
    if (settings === undefined || maxmemory === 0 || maxmemory > startup) return undefined;
    return {
      severity: 'serious',
      problem: 'Nothing can be stored: the empty server is above the limit already.',
      evidence: [settings.quote('maxmemory'), `used_memory_startup ${formatBytes(startup)}`],
      reason: 'maxmemory counts the server itself as well; every write is refused or evicts all.',
      fix: `maxmemory 100mb`,
    };
  },
};

export const noRoomAroundLimit: Rule = {
  id: 'no-room-around-maxmemory',
  summary: 'RAM or the container limit is about maxmemory, and the server needs more than that',
  examine(facts) {
    const { settings, host } = facts;
    const plan = headroomOf(facts);
    if (settings === undefined || host === undefined || plan === undefined) return undefined;
    const resident = plan.parts
      .filter(({ name }) => name !== 'copy-on-write' && name !== 'child')
      .reduce((sum, { bytes }) => sum + bytes, 0);
    const usable = usableBytes(host);
    if (resident <= usable) return undefined;
    const where = isContained(host) ? 'container' : 'machine';
    return {
      severity: 'serious',
      problem: `A full server does not fit into its ${where}: it is killed before it evicts.`,
      evidence: [
        settings.quote('maxmemory'),
        memoryOf(facts),
        `a full server takes ${formatBytes(resident)}, forks not counted`,
      ],
      reason:
        'maxmemory limits used_memory. Fragmentation, replica buffers and the process itself come on top.',
      fix: remarked(
        `maxmemory ${roundedMib(maxmemoryOf(facts) * (usable / plan.totalBytes))}`,
        `or a ${where} of at least ${formatBytes(plan.totalBytes)}`,
      ),
    };
  },
};

export const tooManySamples: Rule = {
  id: 'too-many-samples',
  summary: 'maxmemory-samples is so high that evictions cost time and gain nothing',
  examine(facts) {
    const { settings, profile } = facts;
    const samples = settings?.number('maxmemory-samples') ?? NaN;
    if (settings === undefined || !(samples > 10 && samples <= profile.maxSamples))
      return undefined;
    return {
      severity: samples > 64 ? 'serious' : 'note',
      problem: `Every eviction looks at ${samples} keys.`,
      evidence: [settings.quote('maxmemory-samples')],
      reason:
        samples > 64
          ? 'A server with 10,000 spent seven hours at 100 % CPU after its limit was lowered (redis#13000); newer versions refuse more than 64.'
          : 'The cost of an eviction grows with the samples. From 10 on the hit ratio hardly does.',
      fix: 'maxmemory-samples 10',
    };
  },
};

export const unlimitedTenacity: Rule = {
  id: 'eviction-blocks',
  summary: 'evictions may take as long as they like',
  examine({ settings, profile }) {
    const tenacity = settings?.number('maxmemory-eviction-tenacity') ?? NaN;
    if (settings === undefined || !profile.limitsEvictionTime || !(tenacity > 50)) return undefined;
    return {
      severity: tenacity === 100 ? 'warning' : 'note',
      problem:
        tenacity === 100
          ? 'The server answers nobody until it has evicted all it has to.'
          : 'A single command may wait for seconds of evictions.',
      evidence: [settings.quote('maxmemory-eviction-tenacity')],
      reason:
        'The time limit of one round is 500 µs · 1.15^(tenacity − 10): 0.13 s at 50, two minutes at 99, none at 100.',
      fix: 'maxmemory-eviction-tenacity 10',
    };
  },
};

/** RAM and container limit, for evidence. */
export function memoryOf({ host }: Facts): string {
  if (host === undefined) return '';
  const swap = host.swapBytes === 0 ? 'no swap' : `${formatBytes(host.swapBytes)} swap`;
  const limit =
    host.container === undefined ? '' : `, container limit ${formatBytes(host.container.bytes)}`;
  return `RAM ${formatBytes(host.ramBytes)}, ${swap}${limit}`;
}
