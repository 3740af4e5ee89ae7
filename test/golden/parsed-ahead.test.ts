import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NEVER } from '../../src/engine/set-options.ts';
import { noeviction } from '../../src/policies/noeviction.ts';
import { serverNamed } from '../../src/servers/registry.ts';
import { oneServer } from '../reference/one-server.ts';
import { GOLDEN_BUILDS } from './builds.ts';
import { goldenRows } from './data.ts';

// What a pipeline of equal SETs holds when the command in its midst runs: INFO on the server, a GET that misses here.
const KEY = 0;
const ABSENT = 1;
const TTL_MS = 100_000;

function heldBytes(profile: string, row: Record<string, string>): number {
  const number = (column: string): number => Number(row[column]);
  const valueBytes = number('value_bytes');
  const ttlMs = row.with_ttl === '1' ? TTL_MS : NEVER;
  const engine = oneServer(noeviction, {
    profile: serverNamed(profile),
    allocator: 'jemalloc-q16-pages',
  });
  // Twice: a value set over another may lie differently from a new key's.
  for (let i = 0; i < 2; i++) engine.set(KEY, valueBytes, ttlMs);
  engine.sendReplies();
  const atRest = engine.account.used;
  const set = engine.memory.set(KEY, valueBytes, ttlMs !== NEVER);
  for (let i = 0; i < number('ran'); i++) engine.queue(1, set);
  engine.queue(1, engine.memory.get(ABSENT));
  for (let i = 0; i < number('waiting'); i++) engine.queue(1, set);
  for (let i = 0; i < number('ran'); i++) engine.set(KEY, valueBytes, ttlMs);
  engine.get(ABSENT);
  return engine.account.used - atRest;
}

describe('commands parsed ahead', () => {
  const rows = goldenRows('parsed_ahead.csv');
  for (const { server, version, profile } of GOLDEN_BUILDS) {
    const own = rows.filter((row) => row.server === server && row.version === version);
    if (own.length === 0) continue;
    it(`hold as many bytes as on ${server} ${version}, ${own.length} pipelines`, () => {
      for (const row of own) {
        assert.equal(heldBytes(profile, row), Number(row.bytes), JSON.stringify(row));
      }
    });
  }
});
