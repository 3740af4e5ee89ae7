import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DIRECTIVES, hasDirective, versionsWith } from '../../src/doctor/directives.ts';
import { SERVERS } from '../../src/servers/registry.ts';

describe('directives', () => {
  it('are known of every version there is a profile of', () => {
    for (const { name } of SERVERS) {
      assert.equal(hasDirective(name, 'maxmemory'), true, name);
      assert.equal(hasDirective(name, 'no-such-directive'), false, name);
    }
    assert.equal(hasDirective('redis-4.0', 'maxmemory'), undefined);
  });

  it('are as many as the servers took that were asked', () => {
    const counts = SERVERS.map(({ name }) => [
      name,
      DIRECTIVES.filter((directive) => hasDirective(name, directive)).length,
    ]);
    // Names that a running server took, of all those of any version; two more where only builds of developers have them.
    assert.deepEqual(
      Object.fromEntries(counts.filter(([name]) => MEASURED.includes(String(name)))),
      {
        'redis-7.0': 205,
        'redis-8.0': 221,
        'redis-8.6': 232,
        'valkey-8.1': 249,
        'valkey-9.1': 260,
      },
    );
  });

  it('stay, but for few', () => {
    const gone = DIRECTIVES.filter(
      (name) => hasDirective('redis-5.0', name) && !hasDirective('redis-8.6', name),
    );
    assert.deepEqual(gone, ['cluster-replica-no-failiver']);
    assert.deepEqual(versionsWith('gopher-enabled'), ['redis-6.0', 'redis-6.2']);
    assert.deepEqual(versionsWith('log-format'), ['valkey-8.1', 'valkey-9.1']);
  });
});

const MEASURED = ['redis-7.0', 'redis-8.0', 'redis-8.6', 'valkey-8.1', 'valkey-9.1'];
