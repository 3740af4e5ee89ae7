import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  NO_VICTIM,
  type PolicyDefinition,
  REMOVED_BY_COMMAND,
  REMOVED_BY_EVICTION,
  REMOVED_BY_EXPIRY,
} from '../../../src/policies/policy.ts';
import type { NaivePolicy, NaiveServer } from '../../reference/naive-policy.ts';
import { TinyServer } from './tiny-server.ts';

const KEYS = 12;

const verbs = [
  'get',
  'get',
  'get',
  'set',
  'set',
  'fill',
  'fill',
  'evict',
  'expire',
  'del',
] as const;

const command = fc.record({
  verb: fc.constantFrom(...verbs),
  id: fc.nat(KEYS - 1),
  bytes: fc.integer({ min: 1, max: 40 }),
});

/**
 * The law that a policy evicts what its naive model evicts, under any sequence of lookups, writes that change sizes,
 * deletions, expirations and evictions; and that its structures name the resident keys at every step.
 */
export function evictsWhatTheModelEvicts(
  definition: PolicyDefinition,
  modelOf: (server: NaiveServer) => NaivePolicy,
): void {
  fc.assert(
    fc.property(fc.array(command, { maxLength: 150, size: 'max' }), (commands) => {
      const server = new TinyServer(definition, KEYS);
      const model = modelOf({
        bytesOf: (id) => server.records.bytes[server.records.slotOf(id)],
        residents: () => server.residents,
      });
      for (const { verb, id, bytes } of commands) {
        if (verb === 'get') {
          if (server.has(id)) model.onHit(id);
          server.get(id);
        } else if (verb === 'set' || verb === 'fill') {
          if (verb === 'fill' && server.has(id)) continue;
          const isNew = !server.has(id);
          if (!isNew) model.onHit(id);
          server.set(id, bytes);
          if (isNew) model.onInsert(id);
        } else if (verb === 'evict') {
          const expected = model.chooseVictim();
          const victim = server.victim();
          assert.equal(victim, expected ?? NO_VICTIM);
          if (victim === NO_VICTIM) continue;
          model.onRemove(victim, REMOVED_BY_EVICTION);
          server.remove(victim, REMOVED_BY_EVICTION);
        } else if (server.has(id)) {
          const reason = verb === 'expire' ? REMOVED_BY_EXPIRY : REMOVED_BY_COMMAND;
          model.onRemove(id, reason);
          server.remove(id, reason);
        }
        server.policy.checkInvariants!();
      }
    }),
    { numRuns: 500 },
  );
}
