import { atLeast } from '../../servers/version.ts';
import { formatBytes } from '../../units.ts';
import { type Facts, infoNumber, isRunning, maxmemoryOf, outputLimit, policyOf } from '../facts.ts';
import { remarked, type Rule } from '../rule.ts';

const share = (part: number, whole: number): string => `${((100 * part) / whole).toFixed(0)} %`;
const evicts = (facts: Facts): boolean => policyOf(facts) !== 'noeviction';

export const replicaBuffersUnlimited: Rule = {
  id: 'replica-buffers-unlimited',
  summary: 'output buffers of replicas have no limit, and maxmemory does not count them',
  examine(facts) {
    const { settings } = facts;
    if (settings === undefined || settings.text('client-output-buffer-limit') === '') {
      return undefined;
    }
    if (outputLimit(settings, 'replica') !== 0) return undefined;
    const replicas = infoNumber(facts, 'connected_slaves');
    if (isRunning(facts) && replicas === 0) return undefined;
    return {
      severity: 'warning',
      problem: 'A replica that reads slowly takes memory without end.',
      evidence: [settings.quote('client-output-buffer-limit'), `connected_slaves ${replicas}`],
      reason: 'Buffers of replicas are not counted against maxmemory: nothing is evicted for them.',
      fix: 'client-output-buffer-limit replica 256mb 64mb 60',
    };
  },
};

export const backlogTakesData: Rule = {
  id: 'backlog-in-maxmemory',
  summary: 'the replication backlog takes a good part of maxmemory',
  examine(facts) {
    const { settings } = facts;
    const maxmemory = maxmemoryOf(facts);
    if (settings === undefined || maxmemory === 0) return undefined;
    const backlog = settings.bytes('repl-backlog-size');
    if (!(backlog >= 0.1 * maxmemory)) return undefined;
    const isUsed = infoNumber(facts, 'mem_replication_backlog') > 0;
    return {
      severity: isUsed && backlog >= 0.25 * maxmemory ? 'serious' : 'warning',
      problem: `The backlog leaves ${share(maxmemory - backlog, maxmemory)} of maxmemory to the keys.`,
      evidence: [settings.quote('repl-backlog-size'), settings.quote('maxmemory')],
      reason:
        'The backlog is allocated with the first replica and counts against maxmemory: keys are evicted for it at once (redis#4668).',
      fix: `maxmemory ${Math.ceil((maxmemory + backlog) / 2 ** 20)}mb, or a smaller repl-backlog-size`,
    };
  },
};

export const clientBuffers: Rule = {
  id: 'client-buffers',
  summary: "clients' buffers count against maxmemory and push keys out",
  examine(facts) {
    const { settings, version } = facts;
    const maxmemory = maxmemoryOf(facts);
    if (settings === undefined || maxmemory === 0 || !evicts(facts)) return undefined;
    const canLimit = atLeast(version, '7.0');
    if (canLimit && settings.text('maxmemory-clients') !== '0') return undefined;
    const taken = infoNumber(facts, 'mem_clients_normal');
    const isTaken = taken >= 0.1 * maxmemory;
    if (isRunning(facts) && !isTaken) return undefined;
    if (!isRunning(facts) && !canLimit) return undefined;
    return {
      severity: isTaken ? (taken >= 0.3 * maxmemory ? 'serious' : 'warning') : 'note',
      problem: isTaken
        ? `Clients hold ${share(taken, maxmemory)} of maxmemory; keys were evicted for them.`
        : 'Nothing bounds what clients take of maxmemory.',
      evidence: [
        ...(isTaken ? [`mem_clients_normal ${formatBytes(taken)} (INFO)`] : []),
        ...(canLimit ? [settings.quote('maxmemory-clients')] : []),
        settings.quote('maxmemory'),
      ],
      reason:
        'Query and output buffers are part of used_memory. A few slow readers of large replies empty a cache (redis#4496).',
      fix: canLimit
        ? remarked(
            'maxmemory-clients 10%',
            'disconnects the largest clients instead of evicting keys',
          )
        : 'client-output-buffer-limit normal 64mb 16mb 60',
    };
  },
};

export const clientLimitOfNothing: Rule = {
  id: 'client-limit-of-nothing',
  summary: 'maxmemory-clients is a share of a maxmemory that is not set',
  examine(facts) {
    const { settings } = facts;
    if (settings?.text('maxmemory-clients').endsWith('%') !== true) return undefined;
    if (settings.bytes('maxmemory') !== 0) return undefined;
    return {
      severity: 'warning',
      problem: "Clients' memory is not limited.",
      evidence: [settings.quote('maxmemory-clients'), settings.quote('maxmemory')],
      reason: 'A percentage is one of maxmemory, and is ignored when that is 0.',
      fix: 'maxmemory-clients 256mb, or a maxmemory',
    };
  },
};

export const clientsEvicted: Rule = {
  id: 'clients-disconnected',
  summary: 'clients were disconnected for their memory',
  examine(facts) {
    const evicted = infoNumber(facts, 'evicted_clients');
    if (facts.settings === undefined || evicted === 0) return undefined;
    return {
      severity: 'warning',
      problem: `${evicted} clients were disconnected because all together held too much.`,
      evidence: [`evicted_clients ${evicted} (INFO)`, facts.settings.quote('maxmemory-clients')],
      reason: 'Over maxmemory-clients the largest clients go, whatever they are doing.',
      fix: 'smaller pipelines and replies, or a larger maxmemory-clients',
    };
  },
};

export const replicaAboveLimit: Rule = {
  id: 'replica-above-limit',
  summary: 'a replica uses more than maxmemory, as it is told to',
  examine(facts) {
    const { settings, info } = facts;
    const maxmemory = maxmemoryOf(facts);
    const used = infoNumber(facts, 'used_memory');
    if (settings === undefined || info.get('role') !== 'slave') return undefined;
    if (maxmemory === 0 || used <= maxmemory) return undefined;
    const ignores = settings.isYes('replica-ignore-maxmemory');
    return {
      severity: ignores ? 'note' : 'warning',
      problem: `The replica uses ${formatBytes(used)}, more than its maxmemory.`,
      evidence: [settings.quote('replica-ignore-maxmemory'), settings.quote('maxmemory')],
      reason: ignores
        ? 'A replica follows the DELs of its primary and evicts nothing itself; when it is promoted it evicts down to its limit at once.'
        : 'A replica that evicts by itself no longer holds what its primary does.',
      fix: "the primary's maxmemory on replicas too, with RAM for a little more than that",
    };
  },
};
