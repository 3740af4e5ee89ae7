import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, it } from 'node:test';
import { runProgram } from '../../src/cli/program.ts';
import { UsageError } from '../../src/errors.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { evictlab, type Ran } from './evictlab.ts';

const path = temporaryFolder();
/** A machine that nothing is wrong with. */
const GOOD_HOST = [
  '--ram',
  '16gb',
  '--swap',
  '0',
  '--overcommit-memory',
  '1',
  '--container-memory',
  '0',
];

interface Printed {
  readonly findings: readonly { readonly rule: string; readonly severity: string }[];
  readonly host: Readonly<Record<string, unknown>>;
  readonly headroom?: { readonly totalBytes: number };
}

function conf(name: string, lines: readonly string[]): string {
  const file = path(name);
  writeFileSync(file, `${lines.join('\n')}\n`);
  return file;
}

const doctor = (...args: readonly string[]): Promise<Ran> => evictlab(['doctor', ...args]);
const printed = ({ stdout }: Ran): Printed => JSON.parse(stdout) as Printed;
const rulesOf = (ran: Ran): string[] => printed(ran).findings.map(({ rule }) => rule);

describe('evictlab doctor', () => {
  it('refuses options of a running server for a file', async () => {
    const ran = await doctor(conf('idle.conf', ['maxmemory 1gb']), '--sample-keys', '-1');
    assert.equal(ran.code, 2);
    assert.match(ran.stderr, /--sample-keys is about a running server/);
  });

  it('exits with 1 and says what, why and what to do when something is serious', async () => {
    const file = conf('percent.conf', ['# a cache', 'maxmemory 75%']);
    const ran = await doctor(file, ...GOOD_HOST);
    assert.equal(ran.code, 1);
    assert.match(ran.stdout, /SERIOUS {2}The server will not start.*\[maxmemory-unreadable\]/);
    assert.match(ran.stdout, /seen +maxmemory 75% \(.*percent\.conf:2\)/);
    assert.match(ran.stdout, /why /);
    assert.match(ran.stdout, /do +# 75% of 16 GB\n +maxmemory 12288mb/);
    assert.match(ran.stdout, /1 serious, /);
    assert.equal(ran.stderr, '');
  });

  it('exits with 0 when nothing is serious', async () => {
    const lines = ['maxmemory 1gb', 'maxmemory-policy allkeys-lru', 'save ""'];
    const ran = await doctor(conf('good.conf', lines), ...GOOD_HOST, '--json');
    assert.equal(ran.code, 0);
    assert.deepEqual(rulesOf(ran), ['client-buffers']);
    assert.ok(printed(ran).headroom!.totalBytes > 2 ** 30);
  });

  it('reads names and quotes as the server does, and adds up the lines of save', async () => {
    const lines = ['MaxMemory 1GB', 'maxmemory-policy "allkeys-lru"', 'save 60 1', 'save ""'];
    const ran = await doctor(conf('words.conf', lines), ...GOOD_HOST, '--json');
    assert.ok(!rulesOf(ran).includes('cache-is-saved'));
    assert.ok(!rulesOf(ran).includes('no-maxmemory'));
  });

  it('judges by the version that --server says', async () => {
    const file = conf('samples.conf', ['maxmemory 1gb', 'maxmemory-samples 100', 'save ""']);
    const old = await doctor(file, ...GOOD_HOST, '--server', 'redis-7.0', '--json');
    assert.ok(!rulesOf(old).includes('setting-out-of-range'));
  });

  it('can be asked about another machine, by options or by what it printed there', async () => {
    const file = conf('large.conf', ['maxmemory 4gb', 'maxmemory-policy allkeys-lru', 'save ""']);
    const small = [
      '--ram',
      '4gb',
      '--swap',
      '0',
      '--overcommit-memory',
      '1',
      '--container-memory',
      '0',
    ];
    const there = await doctor(...small, '--json');
    writeFileSync(path('host.json'), there.stdout);
    const here = await doctor(file, '--host-from', path('host.json'), '--json');
    assert.equal(here.code, 1);
    assert.ok(rulesOf(here).includes('no-room-around-maxmemory'));
    assert.equal(printed(here).host.ramBytes, 4 * 2 ** 30);
  });

  it('looks at the machine alone without a target', async () => {
    const ran = await doctor('--ram', '8gb', '--overcommit-memory', '2', '--json');
    assert.equal(ran.code, 0);
    assert.ok(rulesOf(ran).includes('overcommit-memory'));
  });

  it('counts the pages that a workload writes, and says it in the words of platforms', async () => {
    const file = conf('small.conf', ['maxmemory 4mb', 'maxmemory-policy allkeys-lru']);
    const traffic = ['--workload', 'zipf-0.99', '--requests', '20000', '--snapshot-mb-per-s', '1'];
    const ran = await doctor(file, ...GOOD_HOST, ...traffic, '--platforms');
    assert.equal(ran.code, 0, ran.stderr);
    assert.match(ran.stdout, /copy-on-write +\d.*pages that are written while a child saves/);
    assert.match(ran.stdout, /A save of a full server takes [\d.]+ s and copies/);
    assert.match(ran.stdout, /reserved-memory-percent \d+/);
    assert.match(ran.stdout, /limits:\n {4}memory: \d+Mi/);
  });

  it('says of a port that hangs up how to ask for TLS', async () => {
    const port = createServer((socket) => socket.resetAndDestroy()).listen(0, '127.0.0.1');
    await once(port, 'listening');
    const url = `redis://127.0.0.1:${(port.address() as AddressInfo).port}`;
    try {
      await assert.rejects(
        () => runProgram(['doctor', url], new AbortController().signal),
        (error) => error instanceof UsageError && error.message.includes('with TLS is rediss://'),
      );
    } finally {
      port.close();
    }
  });

  const MISTAKES: readonly [string, readonly string[], RegExp][] = [
    ['a server without its scheme', ['localhost:6379'], /write redis:\/\/localhost:6379/],
    ['requests of no workload', ['--requests', '100'], /--requests needs --workload/],
    ['a file that is not there', ['/no/such.conf'], /\/no\/such\.conf: no such file/],
    ['a server that does not answer', ['redis://127.0.0.1:1'], /nobody listens there/],
    ['an address of something else', ['http://localhost'], /is not one of redis:\/\//],
    ['a size that is none', ['--ram', 'much'], /--ram: "much" is not a size/],
    ['no memory at all', ['--ram', '0'], /--ram: a machine without memory/],
    ['a machine from nowhere', ['--host-from', '/no/host.json'], /--host-from \/no\/host\.json/],
    ['an unknown server', ['--server', 'memcached'], /Unknown server/],
    ['a mode that is none', ['--overcommit-memory', '3'], /overcommit-memory/],
    ['a workload without a limit', ['--workload', 'uniform'], /needs a server with a maxmemory/],
    ['a rate without a workload', ['--snapshot-mb-per-s', '5'], /needs --workload/],
    ['platforms without a limit', ['--platforms'], /follows from a maxmemory/],
    ['saves faster than memory', ['--snapshot-mb-per-s', '1000000'], /from 1 to 100000\./],
    ['a kernel without a number', ['--kernel', 'newest'], /--kernel newest: must begin with a ver/],
    ['a file that is no text', [process.execPath], /: not a text file/],
    ['two targets', ['a.conf', 'b.conf'], /Unknown argument/],
    ['too many keys', ['redis://127.0.0.1:1', '--sample-keys', '1e9'], /--sample-keys/],
  ];
  for (const [name, args, message] of MISTAKES) {
    it(`refuses ${name}`, async () => {
      const { signal } = new AbortController();
      await assert.rejects(
        () => runProgram(['doctor', ...args], signal),
        (error) => error instanceof UsageError && message.test(error.message),
      );
    });
  }

  it('exits with 2 and nothing on stdout for what it refuses', async () => {
    const ran = await doctor('/no/such.conf');
    assert.equal(ran.code, 2);
    assert.equal(ran.stdout, '');
    assert.match(ran.stderr, /^evictlab: \/no\/such\.conf: no such file\.\n$/);
  });

  it('says which line of a file has unbalanced quotes', async () => {
    const ran = await doctor(conf('quotes.conf', ['maxmemory 1gb', 'save "']));
    assert.equal(ran.code, 2);
    assert.match(ran.stderr, /quotes\.conf:2: unbalanced quotes/);
  });

  it('refuses a host file that is none', async () => {
    writeFileSync(path('bad.json'), '{"host":{"ramBytes":"8gb"}}');
    const ran = await doctor('--host-from', path('bad.json'));
    assert.equal(ran.code, 2);
    assert.match(ran.stderr, /bad\.json: ramBytes/);
  });
});
