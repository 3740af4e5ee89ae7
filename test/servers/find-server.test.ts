import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { UsageError } from '../../src/errors.ts';
import { SERVER_ALIASES } from '../../src/servers/aliases.ts';
import { explainServer, findServer } from '../../src/servers/find-server.ts';
import { DEFAULT_SERVER, SERVERS } from '../../src/servers/registry.ts';

/** What a name stands for, in short. */
function found(name: string): string {
  const { profile, allocator, exact } = findServer(name);
  return `${profile.name} ${allocator}${exact ? '' : ' (nearest)'}`;
}

describe('names of servers', () => {
  const newest = { redis: DEFAULT_SERVER, valkey: SERVERS.at(-1)!.name };
  const cases: readonly [string, string][] = [
    ['redis-7.0', 'redis-7.0 jemalloc-q8'],
    ['debian-12', 'redis-7.0 jemalloc-q16'],
    ['debian-13-valkey', 'valkey-8.1 jemalloc-q16'],
    ['ubuntu-20.04', 'redis-5.0 jemalloc-q16'],
    ['elasticache-redis-7.1', 'redis-7.0 jemalloc-q8'],
    ['memorystore-redis-6.x', 'redis-6.2 jemalloc-q8'],
    ['memorystore-valkey-9.0', 'valkey-8.1 jemalloc-q8 (nearest)'],
    ['azure-redis-6.0', 'redis-6.0 jemalloc-q8'],
    ['redis-7.0.15', 'redis-7.0 jemalloc-q8'],
    ['valkey-9.1.2', 'valkey-9.1 jemalloc-q8'],
    ['redis:7.4.1', 'redis-7.4 jemalloc-q8'],
    ['redis:7', 'redis-7.4 jemalloc-q8'],
    ['valkey-8', 'valkey-8.1 jemalloc-q8'],
    ['redis-8.2.1', 'redis-8.0 jemalloc-q8 (nearest)'],
    ['redis', `${newest.redis} jemalloc-q8`],
    ['redis:latest', `${newest.redis} jemalloc-q8`],
    ['valkey', `${newest.valkey} jemalloc-q8`],
  ];
  for (const [name, expected] of cases) {
    it(`${name} is ${expected}`, () => {
      assert.equal(found(name), expected);
    });
  }

  it('are unique, and every one of them says what it is', () => {
    const names = [...SERVERS, ...SERVER_ALIASES].map(({ name }) => name);
    assert.equal(new Set(names).size, names.length);
    for (const { name, allocator, origin } of SERVER_ALIASES) {
      const server = findServer(name);
      assert.ok(server.profile.allocators.includes(server.allocator), name);
      assert.equal(server.allocator, allocator ?? server.profile.defaultAllocator);
      const line = explainServer(name, server);
      assert.ok(line?.startsWith(`${name} `) === true && line.includes(origin), line);
      assert.ok(line.includes(`${server.profile.name} with ${server.allocator}`), line);
    }
  });

  it('need no explanation when they are a profile', () => {
    for (const { name } of SERVERS) assert.equal(explainServer(name, findServer(name)), undefined);
  });

  it('say when --allocator wins', () => {
    const line = explainServer('debian-12', findServer('debian-12'), 'libc');
    assert.match(
      line ?? '',
      /^debian-12 is redis-7\.0 with libc: .*; --allocator says otherwise\.$/,
    );
  });

  const unknown: readonly [string, RegExp][] = [
    ['debain-12', /^Unknown server "debain-12"\. Did you mean "debian-12"\? Known: redis-5\.0, /],
    ['redis-4.0', /Did you mean "redis-\d\.\d"/],
    ['redis-9.9', /Unknown server/],
    ['redis:7.2-alpine', /Unknown server/],
    ['redis-', /Unknown server/],
    ['valkey-8.1.1.1', /Unknown server/],
  ];
  for (const [name, message] of unknown) {
    it(`"${name}" is none`, () => {
      assert.throws(
        () => findServer(name),
        (error: Error) => error instanceof UsageError && message.test(error.message),
      );
    });
  }
});
