import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { refuseUnfit } from '../../src/live/identify.ts';
import { nearestProfile } from '../../src/servers/nearest-profile.ts';
import { serverNamed } from '../../src/servers/registry.ts';

const redis70 = serverNamed('redis-7.0');
const profiles = ['redis-7.0', 'redis-7.2', 'redis-8.0', 'valkey-8.0', 'valkey-8.1'].map(
  (name) => ({
    ...redis70,
    name,
  }),
);

describe('the profile for a version', () => {
  const cases: [string, string, string, boolean][] = [
    ['redis', '7.2.6', 'redis-7.2', true],
    ['redis', '7.4.1', 'redis-7.2', false],
    ['redis', '8.10.0', 'redis-8.0', false],
    ['redis', '4.0.14', 'redis-7.0', false],
    ['valkey', '8.1.1', 'valkey-8.1', true],
    ['valkey', '9.1.2', 'valkey-8.1', false],
  ];
  for (const [flavour, version, name, exact] of cases) {
    it(`${flavour} ${version}: ${name}${exact ? '' : ', as the nearest'}`, () => {
      const found = nearestProfile(flavour, version, profiles);
      assert.deepEqual([found.profile.name, found.exact], [name, exact]);
    });
  }
});

describe('servers that are not fit for a replay', () => {
  for (const [info, message] of [
    [{ role: 'slave', master_host: 'primary' }, /replica of primary/],
    [{ cluster_enabled: '1' }, /cluster mode/],
    [{ redis_mode: 'sentinel' }, /sentinel/],
    [{ loading: '1', role: 'master' }, /is loading/],
  ] as const) {
    it(JSON.stringify(info), () => {
      assert.throws(() => {
        refuseUnfit(new Map(Object.entries(info)), 'x');
      }, message);
    });
  }
});
