import type { Rule } from './rule.ts';
import * as buffers from './rules/buffers.ts';
import * as directives from './rules/directives.ts';
import * as fork from './rules/fork.ts';
import * as limit from './rules/limit.ts';
import * as memory from './rules/memory.ts';
import * as policy from './rules/policy.ts';

/** Every rule, in the order in which findings of one severity are shown. */
export const RULES: readonly Rule[] = [
  limit.directiveMisspelt,
  directives.directiveOfAnotherVersion,
  limit.maxmemoryUnreadable,
  limit.settingOutOfRange,
  limit.maxmemoryBelowStart,
  limit.noMaxmemory,
  limit.noRoomAroundLimit,
  policy.writesRefused,
  policy.volatileWithoutTtl,
  policy.noevictionAsCache,
  policy.cacheAndQueue,
  policy.policySwitched,
  policy.lfuDecayZero,
  policy.lrmForgetsReads,
  fork.saveFailed,
  fork.noRoomForFork,
  fork.overcommit,
  fork.transparentHugePages,
  fork.savesCache,
  memory.swappedOut,
  memory.fragmented,
  memory.tableAboutToDouble,
  buffers.backlogTakesData,
  buffers.clientBuffers,
  buffers.clientLimitOfNothing,
  buffers.clientsEvicted,
  buffers.replicaBuffersUnlimited,
  buffers.replicaAboveLimit,
  directives.directiveUnknown,
  limit.tooManySamples,
  limit.unlimitedTenacity,
];
