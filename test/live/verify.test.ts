import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'csv-parse/sync';
import { loopback, parseAddress } from '../../src/live/address.ts';
import { Connection } from '../../src/live/connection.ts';
import { serverNamed } from '../../src/servers/registry.ts';
import { evictlab, type Ran, type SpawnOptions } from '../cli/evictlab.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { freePort, noRedisServer, startRedis, stopRedis } from './redis-server.ts';
import { writeTrace } from './traces.ts';

const inFolder = temporaryFolder();
const cwd = inFolder('.');
const systemFolder = inFolder('tmp');
mkdirSync(systemFolder);

// Tells who it is, so that tests can kill it and see whether it is gone.
const wrapped = inFolder('wrapped-server');
writeFileSync(
  wrapped,
  '#!/bin/sh\n[ "$1" = --version ] || echo $$ > server.pid.$$; cp server.pid.$$ ' +
    `"${inFolder('pid')}" 2> /dev/null; exec redis-server "$@"\n`,
);
chmodSync(wrapped, 0o755);

// Long enough that one replay of the server says something: of the random policy, hits vary by 0.1 points.
writeTrace(inFolder('minutes.csv'), {
  requests: 120_000,
  keys: 20_000,
  perMs: 1,
  ttlSeconds: 40,
});
writeTrace(inFolder('seconds.csv'), { requests: 20_000, keys: 6000, perMs: 8, ttlSeconds: 1 });

const verify = (args: readonly string[], options: SpawnOptions = {}): Promise<Ran> =>
  evictlab(['verify', ...args], {
    cwd,
    ...options,
    env: { TMPDIR: systemFolder, ...options.env },
  });

const nothingIsLeft = (): void => {
  assert.deepEqual(readdirSync(systemFolder), [], 'no folder left');
};

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

async function pidOfServer(): Promise<number> {
  for (let i = 0; i < 400; i++) {
    if (existsSync(inFolder('pid'))) {
      const pid = Number(readFileSync(inFolder('pid'), 'utf8'));
      if (pid > 0) return pid;
    }
    await sleep(10);
  }
  throw new Error('no server was started');
}

describe('verify against redis-server', { skip: noRedisServer }, () => {
  it('confirms all eight policies under the trace clock', async () => {
    const args = ['minutes.csv', '--clock', 'trace', '--maxmemory', '40%', '--repeat', '10'];
    const { code, stdout, stderr } = await verify([
      ...args,
      '--server-bin',
      'redis-server',
      '--out',
      '-',
    ]);
    assert.equal(code, 0, stderr + stdout);
    const rows: Record<string, string>[] = parse(stdout, { columns: true });
    assert.deepEqual(
      [...new Set(rows.map((row) => row.policy))],
      serverNamed(rows[0].profile).policies,
    );
    assert.ok(rows.every((row) => row.within === 'true' && row.clock === 'trace'));
    const hits = rows.filter((row) => row.figure === 'hit_ratio');
    assert.ok(hits.every((row) => Number(row.server_mean) > 0.1));
    nothingIsLeft();
  });

  it('confirms two policies in real time', async () => {
    const args = ['seconds.csv', '--policy', 'allkeys-random,volatile-ttl', '--maxmemory', '40%'];
    const started = performance.now();
    const { code, stdout, stderr } = await verify([
      ...args,
      '--server-repeat',
      '2',
      '--repeat',
      '10',
      '--quiet',
    ]);
    assert.equal(
      code,
      0,
      stderr + stdout + readFileSync(inFolder('results/verify-seconds.csv'), 'utf8'),
    );
    assert.ok(performance.now() - started > 4000, "takes the trace's own time");
    nothingIsLeft();
  });

  it('exits with 1 and says which policy when the engine is another', async () => {
    const args = ['minutes.csv', '--clock', 'trace', '--maxmemory', '40%', '--allocator', 'libc'];
    const { code, stdout } = await verify([...args, '--policy', 'allkeys-lru']);
    assert.equal(code, 1);
    assert.match(stdout, /keys .* OUT/);
    assert.match(stdout, /Beyond tolerance: allkeys-lru\./);
    nothingIsLeft();
  });

  for (const [what, stop] of [
    ['Ctrl-C', 'SIGINT'],
    ['its terminal was closed', 'SIGHUP'],
  ] as const) {
    it(`leaves no process and no folder after ${what}`, async () => {
      writeFileSync(inFolder('pid'), '');
      const { code, stderr } = await verify(['minutes.csv', '--server-bin', wrapped], {
        during: (child) => {
          void pidOfServer()
            .then(() => sleep(700))
            .then(() => child.kill(stop));
        },
      });
      assert.equal(code, 130, stderr);
      assert.match(stderr, /interrupted/);
      assert.ok(!isAlive(await pidOfServer()));
      nothingIsLeft();
    });
  }

  it('says how a server died half-way, and exits with 1', async () => {
    writeFileSync(inFolder('pid'), '');
    const { code, stderr } = await verify(['minutes.csv', '--server-bin', wrapped, '--jobs', '1'], {
      during: () => {
        void (async () => {
          // The first is only looked at; the replay is on the next.
          const first = await pidOfServer();
          while ((await pidOfServer()) === first) await sleep(10);
          await sleep(600);
          process.kill(await pidOfServer(), 'SIGKILL');
        })();
      },
    });
    assert.equal(code, 1, stderr);
    assert.match(stderr, /^evictlab: .*died half-way \(signal SIGKILL; its last words: "/m);
    nothingIsLeft();
  });

  it('runs in real time, and says so, where there is no C compiler', async () => {
    const bin = inFolder('bin');
    mkdirSync(bin);
    const args = ['seconds.csv', '--policy', 'allkeys-random', '--clock', 'trace'];
    const { code, stdout, stderr } = await verify(
      [...args, '--requests', '4000', '--server-bin', '/usr/bin/redis-server'],
      { env: { PATH: bin } },
    );
    assert.ok(code === 0 || code === 1, stderr);
    assert.match(stderr, /warning: no trace clock: there is no C compiler .* in real time instead/);
    assert.match(stdout, /real time/);
    nothingIsLeft();
  });
});

describe('verify on a server named by --url', { skip: noRedisServer }, () => {
  let port = 0;
  let other: Connection;
  const socket = inFolder('redis.sock');
  const short = ['seconds.csv', '--requests', '4000', '--policy', 'allkeys-random'];
  before(async () => {
    port = await startRedis(cwd, 'named', ['--requirepass', 'sesame', '--unixsocket', socket]);
    other = await Connection.open({ ...loopback(port), password: 'sesame' });
    await other.ask('ACL', 'SETUSER', 'alice', 'on', '>wonder', '~*', '+@all');
  });

  after(stopRedis);

  const isAsBefore = async (): Promise<void> => {
    assert.equal(await other.ask('DBSIZE'), 0);
    assert.deepEqual(await other.ask('CONFIG', 'GET', 'maxmemory'), ['maxmemory', '0']);
    const policy = await other.ask('CONFIG', 'GET', 'maxmemory-policy');
    assert.deepEqual(policy, ['maxmemory-policy', 'noeviction']);
  };

  for (const [how, urlOf, env] of [
    ['with a password', () => `redis://:sesame@127.0.0.1:${port}`, {}],
    ['as an ACL user', () => `redis://alice:wonder@127.0.0.1:${port}/0`, {}],
    ['through a Unix socket', () => `unix://${socket}`, { REDISCLI_AUTH: 'sesame' }],
  ] as const) {
    it(`replays ${how}, says what it writes and puts everything back`, async () => {
      const { code, stderr } = await verify([...short, '--url', urlOf()], { env });
      assert.ok(code === 0 || code === 1, stderr);
      assert.match(stderr, /Writing up to \d+ keys that start with "evictlab:"/);
      assert.doesNotMatch(stderr, /sesame|wonder/);
      await isAsBefore();
    });
  }

  it('puts everything back after Ctrl-C', async () => {
    const url = `redis://:sesame@127.0.0.1:${port}`;
    const { code } = await verify(['minutes.csv', '--url', url, '--policy', 'allkeys-lfu'], {
      during: (child) => {
        void (async () => {
          while (Number(await other.ask('DBSIZE')) < 50) await sleep(20);
          child.kill('SIGINT');
        })();
      },
    });
    assert.equal(code, 130);
    await isAsBefore();
  });

  it('refuses a database that holds keys, unless allowed to use it', async () => {
    await other.ask('SET', 'mine', '1');
    const url = ['--url', `redis://:sesame@127.0.0.1:${port}`];
    const refused = await verify([...short, ...url]);
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /holds keys already \(db0: 1 keys\).*--allow-nonempty/);
    const allowed = await verify([...short, ...url, '--allow-nonempty', '--maxmemory', '0']);
    assert.equal(allowed.code, 0, allowed.stderr + allowed.stdout);
    assert.equal(await other.ask('GET', 'mine'), '1');
    await other.ask('DEL', 'mine');
    await isAsBefore();
    other.close();
  });
});

describe('verify: bad input is one clear line', { skip: noRedisServer }, () => {
  let taken = 0;
  let locked = 0;
  let replica = 0;
  let cluster = 0;
  let nobody = 0;
  before(async () => {
    writeFileSync(
      inFolder('lacking'),
      '#!/bin/sh\necho "libjemalloc.so.2: not found" >&2; exit 127\n',
    );
    chmodSync(inFolder('lacking'), 0o755);
    taken = await startRedis(cwd, 'taken');
    locked = await startRedis(cwd, 'locked', ['--requirepass', 'sesame']);
    replica = await startRedis(cwd, 'replica', ['--replicaof', '127.0.0.1', '1']);
    cluster = await startRedis(cwd, 'cluster', ['--cluster-enabled', 'yes']);
    nobody = await freePort();
  });

  after(stopRedis);

  const url = (port: number, user = ''): string => `--url redis://${user}127.0.0.1:${port}`;
  const cases: [string, () => string, RegExp][] = [
    [
      'server binary missing',
      () => '--server-bin no-such-server',
      /no-such-server: no such program/,
    ],
    ['not a server', () => '--server-bin /bin/echo', /\/bin\/echo: is no Redis or Valkey server/],
    [
      'a server without its libraries',
      () => `--server-bin ${inFolder('lacking')}`,
      /does not answer to --version \(libjemalloc\.so\.2: not found\)/,
    ],
    ['port taken', () => `--server-port ${taken}`, /--server-port \d+ is taken/],
    ['nobody there', () => url(nobody), /nobody listens there/],
    ['no password', () => url(locked), /wants a password/],
    ['wrong password', () => url(locked, ':open@'), /wrong user or password/],
    ['wrong user', () => url(locked, 'bob:open@'), /wrong user or password/],
    ['replica', () => url(replica), /is a replica of 127\.0\.0\.1/],
    ['cluster mode', () => url(cluster), /cluster mode/],
    ['no such socket', () => '--url unix:///no/such.sock', /no such socket/],
    ['not a URL', () => '--url localhost:6379', /--url: "localhost:6379" is not one of/],
    [
      'trace clock elsewhere',
      () => `${url(taken)} --clock trace`,
      /--clock trace needs a server that/,
    ],
    [
      'two servers',
      () => `${url(taken)} --server-bin redis-server`,
      /--server-bin starts a server/,
    ],
    ['TLS files without TLS', () => `${url(taken)} --tls-ca x.pem`, /rediss:\/\//],
    [
      'options of the other kind',
      () => '--allow-nonempty',
      /--allow-nonempty is for a server named/,
    ],
    ['unknown policy', () => '--policy allkeys-lur', /Did you mean "allkeys-lru"/],
    ['reference policy', () => '--policy s3-fifo', /s3-fifo: no server has it/],
    ['no room', () => '--maxmemory 100kb', /--maxmemory 100kb: 102400 bytes; an empty/],
  ];
  for (const [what, options, message] of cases) {
    it(what, async () => {
      const { code, stdout, stderr } = await verify(['seconds.csv', ...options().split(' ')]);
      assert.equal(code, 2, stderr);
      assert.equal(stdout, '');
      assert.match(stderr, message);
      assert.match(stderr, /^evictlab: .+\n$/);
      nothingIsLeft();
    });
  }

  it('source not found', async () => {
    const { code, stderr } = await verify(['zipf-099']);
    assert.equal(code, 2);
    assert.match(stderr, /zipf-099: no built-in workload.*Did you mean "zipf-0\.99"/);
  });

  it('no source', async () => {
    const { code, stderr } = await verify([]);
    assert.equal(code, 2);
    assert.match(stderr, /^evictlab: .+\n$/);
  });
});

describe('addresses', () => {
  it('reads TLS, users, databases and escaped passwords', () => {
    const address = parseAddress('rediss://al:p%40ss@cache.example:7000/3');
    assert.deepEqual(address, {
      socket: { host: 'cache.example', port: 7000, tls: true },
      tls: {},
      username: 'al',
      password: 'p@ss',
      database: 3,
      shown: 'rediss://al:***@cache.example:7000/3',
    });
  });

  it('takes port and host as the command line tools do', () => {
    assert.deepEqual(parseAddress('redis://').socket, {
      host: 'localhost',
      port: 6379,
      tls: false,
    });
    assert.deepEqual(parseAddress('redis://[::1]:7').socket, { host: '::1', port: 7, tls: false });
  });
});
