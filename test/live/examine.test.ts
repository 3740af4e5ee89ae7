import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { mkdirSync } from 'node:fs';
import { loopback } from '../../src/live/address.ts';
import { Connection } from '../../src/live/connection.ts';
import { evictlab } from '../cli/evictlab.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { noRedisServer, startRedis, stopRedis } from './redis-server.ts';

interface Printed {
  readonly findings: readonly { readonly rule: string; readonly evidence: readonly string[] }[];
}

const path = temporaryFolder();

describe('evictlab doctor of a running server', { skip: noRedisServer }, () => {
  after(stopRedis);
  const folder = path('servers');
  mkdirSync(folder);
  const rulesOf = (stdout: string): string[] =>
    (JSON.parse(stdout) as Printed).findings.map(({ rule }) => rule);

  it('finds a policy that can evict nothing, and a queue, and changes nothing', async () => {
    const lfu = ['--maxmemory-policy', 'volatile-lfu', '--lfu-decay-time', '0'];
    const settings = ['--maxmemory', '50mb', ...lfu];
    const port = await startRedis(folder, 'volatile', settings);
    const connection = await Connection.open(loopback(port));
    await connection.batch([
      ...Array.from({ length: 50 }, (_, i) => ['SET', `page:${i}`, 'x'.repeat(100)]),
      ['LPUSH', 'queue:mail', 'job'],
      ['SADD', 'resque:queues', 'mail'],
    ]);
    const before = await connection.ask('CONFIG', 'GET', '*');
    const counters = (): Promise<unknown> =>
      connection.batch(Array.from({ length: 50 }, (_, i) => ['OBJECT', 'FREQ', `page:${i}`]));
    // Without decay and at the lowest counts, every access would show.
    const accesses = await counters();
    const ran = await evictlab(['doctor', `redis://127.0.0.1:${port}`, '--json']);
    assert.equal(ran.code, 1, ran.stderr);
    const rules = rulesOf(ran.stdout);
    assert.ok(rules.includes('volatile-without-ttl'));
    assert.ok(rules.includes('cache-and-queue'));
    assert.deepEqual(await connection.ask('CONFIG', 'GET', '*'), before);
    assert.deepEqual(await counters(), accesses);
    assert.equal(await connection.ask('DBSIZE'), 52);
    connection.close();
  });

  it('says what it may not see, and judges by the rest', async () => {
    const port = await startRedis(folder, 'acl', ['--maxmemory', '50mb']);
    const connection = await Connection.open(loopback(port));
    await connection.ask('ACL', 'SETUSER', 'blind', 'on', '>pw', '+info', '+ping', '+client');
    await connection.ask('ACL', 'SETUSER', 'deaf', 'on', '>pw', '+ping', '+client');
    connection.close();
    const blind = await evictlab(['doctor', `redis://blind:pw@127.0.0.1:${port}`, '--json']);
    assert.equal(blind.code, 0, blind.stderr);
    assert.match(blind.stderr, /CONFIG GET was refused/);
    assert.match(blind.stderr, /keys could not be looked at/);
    assert.deepEqual(
      rulesOf(blind.stdout).filter((rule) => rule !== 'overcommit-memory'),
      [],
    );
    const deaf = await evictlab(['doctor', `redis://deaf:pw@127.0.0.1:${port}`]);
    assert.equal(deaf.code, 2);
    assert.match(deaf.stderr, /NOPERM .*'info'/i);
    const stranger = await evictlab(['doctor', `redis://blind:wrong@127.0.0.1:${port}`]);
    assert.equal(stranger.code, 2);
    assert.doesNotMatch(stranger.stderr, /wrong@/);
  });

  it('finds writes that were refused, over a socket', async () => {
    const socket = path('doctor.sock');
    const settings = ['--maxmemory', '2mb', '--unixsocket', socket];
    const port = await startRedis(folder, 'full', settings);
    const connection = await Connection.open(loopback(port));
    await connection.batch(
      Array.from({ length: 2000 }, (_, i) => ['SET', `k${i}`, 'x'.repeat(2000)]),
    );
    connection.close();
    const ran = await evictlab(['doctor', `unix://${socket}`, '--json', '--sample-keys', '0']);
    assert.equal(ran.code, 1);
    assert.ok(rulesOf(ran.stdout).includes('writes-refused'));
  });
});
