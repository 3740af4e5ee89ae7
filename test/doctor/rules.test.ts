import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { diagnose } from '../../src/doctor/diagnose.ts';
import { RULES } from '../../src/doctor/registry.ts';
import { type Severity, SEVERITIES } from '../../src/doctor/rule.ts';
import { type Case, factsOf } from './facts.ts';

const GIB = 2 ** 30;
const MIB = 2 ** 20;
const CACHE = ['maxmemory 4gb', 'maxmemory-policy allkeys-lru', 'save ""'];
const SAVED = ['maxmemory 4gb', 'maxmemory-policy allkeys-lru', 'save 60 1000'];
const used = (bytes: number, rss = Math.round(1.05 * bytes)): string[] => [
  'redis_version:7.0.15',
  `used_memory:${bytes}`,
  `used_memory_rss:${rss}`,
];
const keyspace = (keys: number, expires: number): string =>
  `db0:keys=${keys},expires=${expires},avg_ttl=0`;

/** Per rule: what it fires at and how badly, and the nearest that is fine. */
const EXPECTATIONS: Readonly<Record<string, { fires: [Severity, Case][]; silent: Case[] }>> = {
  'directive-misspelt': {
    fires: [
      ['serious', { conf: ['maxmemroy 100mb'] }],
      ['serious', { conf: ['maxmemory_policy allkeys-lru'] }],
      ['serious', { conf: ['lfu-decaytime 1'] }],
    ],
    silent: [
      { conf: ['maxmemory 100mb', 'slave-ignore-maxmemory yes'] },
      { conf: ['appendfsync no', 'repl-backlog-ttl 3600', 'oom-score-adj-values 0 200 800'] },
      {},
    ],
  },
  'directive-of-another-version': {
    fires: [
      ['serious', { conf: ['maxmemory-eviction-tenacity 20'], server: 'redis-5.0' }],
      ['serious', { conf: ['lazyfree-lazy-user-del yes'], server: 'redis-5.0' }],
      ['serious', { conf: ['gopher-enabled yes'] }],
      ['serious', { conf: ['io-threads 4', 'dual-channel-replication-enabled yes'] }],
      ['serious', { conf: ['replica-full-sync-buffer-limit 1gb'], server: 'valkey-9.1' }],
    ],
    silent: [
      { conf: ['maxmemory-eviction-tenacity 20'] },
      { conf: ['gopher-enabled yes'], server: 'redis-6.2' },
      // Taken and ignored, aliases, and what CONFIG GET does not list.
      { conf: ['lua-replicate-commands yes', 'io-threads-do-reads yes'], server: 'valkey-9.1' },
      { conf: ['slaveof 10.0.0.1 6379', 'include other.conf', 'user default on'] },
      { conf: ['loadmodule m.so', 'rename-command KEYS ""', 'sentinel monitor m h 1 1'] },
      // A running server names its own.
      { conf: ['gopher-enabled yes'], info: used(GIB) },
      {},
    ],
  },
  'directive-unknown': {
    fires: [
      ['warning', { conf: ['cache-size 100mb'] }],
      ['warning', { conf: ['server-threads 4'], server: 'redis-8.6' }],
    ],
    silent: [
      { conf: ['maxmemroy 100mb'] },
      { conf: ['gopher-enabled yes'] },
      { conf: ['search.timeout 5', 'ts-num-threads 4'], server: 'redis-8.6' },
      { conf: ['server-threads 4'], info: used(GIB) },
      {},
    ],
  },
  'maxmemory-unreadable': {
    fires: [
      ['serious', { conf: ['maxmemory 75%'] }],
      ['serious', { conf: ['maxmemory 1.5gb'] }],
      ['serious', { conf: ['maxmemory 2tb'] }],
      ['serious', { conf: ['maxmemory 100mib'] }],
    ],
    silent: [{ conf: ['maxmemory 100MB'] }, { conf: ['maxmemory 0'] }, { conf: [] }, {}],
  },
  'setting-out-of-range': {
    fires: [
      ['serious', { conf: ['maxmemory-samples 0'] }],
      ['serious', { conf: ['maxmemory-samples 65'], server: 'redis-7.4' }],
      ['serious', { conf: ['maxmemory-eviction-tenacity 101'] }],
      ['serious', { conf: ['maxmemory-policy allkeys-lrm'] }],
      ['serious', { conf: ['lfu-decay-time -1'] }],
      ['serious', { conf: ['active-expire-effort 11'] }],
    ],
    silent: [
      { conf: ['maxmemory-samples 65'] },
      { conf: ['maxmemory-samples 64'], server: 'redis-7.4' },
      { conf: ['maxmemory-policy allkeys-lrm'], server: 'redis-8.6' },
      { conf: ['maxmemory-policy AllKeys-LRU'] },
    ],
  },
  'maxmemory-below-start': {
    fires: [
      ['serious', { conf: ['maxmemory 500kb'] }],
      [
        'serious',
        { conf: ['maxmemory 2mb'], info: [...used(4 * MIB), 'used_memory_startup:3000000'] },
      ],
    ],
    silent: [{ conf: ['maxmemory 2mb'] }, { conf: ['maxmemory 0'] }],
  },
  'no-maxmemory': {
    fires: [
      ['warning', { conf: ['maxmemory-policy allkeys-lru'] }],
      ['serious', { conf: [], host: { container: { bytes: GIB, swapBytes: 0 } } }],
    ],
    silent: [{ conf: CACHE }, { conf: ['maxmemory 75%'] }, {}],
  },
  'no-room-around-maxmemory': {
    fires: [
      ['serious', { conf: CACHE, host: { container: { bytes: 4 * GIB, swapBytes: 0 } } }],
      ['serious', { conf: CACHE, host: { ramBytes: 4 * GIB } }],
      [
        'serious',
        {
          conf: CACHE,
          info: [...used(3 * GIB, 6 * GIB)],
          host: { ramBytes: 6 * GIB },
        },
      ],
    ],
    silent: [
      { conf: CACHE, host: { container: { bytes: 5 * GIB, swapBytes: 0 } } },
      { conf: CACHE, host: null },
      { conf: [], host: { ramBytes: GIB } },
    ],
  },
  'writes-refused': {
    fires: [['serious', { conf: CACHE, info: [...used(GIB), 'errorstat_OOM:count=12'] }]],
    silent: [{ conf: CACHE, info: [...used(GIB), 'errorstat_ERR:count=12'] }],
  },
  'volatile-without-ttl': {
    fires: [
      ['note', { conf: ['maxmemory-policy volatile-lru'] }],
      [
        'serious',
        { conf: ['maxmemory-policy volatile-lru'], info: [...used(MIB), keyspace(100, 0)] },
      ],
      [
        'warning',
        {
          conf: ['maxmemory 4gb', 'maxmemory-policy volatile-ttl'],
          info: [...used(MIB), keyspace(100, 20)],
        },
      ],
      [
        'serious',
        {
          conf: ['maxmemory 4gb', 'maxmemory-policy volatile-ttl'],
          info: [...used(3.9 * GIB), keyspace(100, 20)],
        },
      ],
    ],
    silent: [
      { conf: ['maxmemory-policy volatile-lru'], info: [...used(MIB), keyspace(100, 25)] },
      { conf: ['maxmemory-policy volatile-lru'], info: used(MIB) },
      { conf: ['maxmemory-policy allkeys-lru'], info: [...used(MIB), keyspace(100, 0)] },
    ],
  },
  'noeviction-as-cache': {
    fires: [
      ['note', { conf: ['maxmemory 1gb'] }],
      ['warning', { conf: ['maxmemory 1gb'], info: [...used(MIB), keyspace(100, 90)] }],
      ['serious', { conf: ['maxmemory 1gb'], info: [...used(0.9 * GIB), keyspace(100, 90)] }],
    ],
    silent: [
      { conf: ['maxmemory 1gb'], info: [...used(0.9 * GIB), keyspace(100, 10)] },
      { conf: CACHE },
      { conf: ['maxmemory 0'] },
    ],
  },
  'cache-and-queue': {
    fires: [
      [
        'serious',
        {
          conf: CACHE,
          info: used(MIB),
          sample: { keys: 9, types: new Map([['string', 9]]), queueNames: ['bull:mail:id'] },
        },
      ],
      [
        'warning',
        {
          conf: ['maxmemory-policy volatile-lru'],
          info: used(MIB),
          sample: { keys: 9, types: new Map([['string', 9]]), queueNames: ['queues'] },
        },
      ],
      [
        'note',
        {
          conf: CACHE,
          info: used(MIB),
          sample: {
            keys: 9,
            types: new Map([
              ['string', 8],
              ['list', 1],
            ]),
          },
        },
      ],
    ],
    silent: [
      { conf: CACHE, info: used(MIB), sample: { keys: 9, types: new Map([['string', 9]]) } },
      {
        conf: ['maxmemory 1gb'],
        info: used(MIB),
        sample: { keys: 9, types: new Map([['list', 9]]), queueNames: ['queues'] },
      },
    ],
  },
  'policy-switched': {
    fires: [
      [
        'warning',
        {
          conf: ['maxmemory-policy allkeys-lfu'],
          file: ['maxmemory-policy allkeys-lru'],
          info: used(MIB),
        },
      ],
      [
        'note',
        {
          conf: ['maxmemory-policy allkeys-lfu'],
          info: [...used(MIB), 'cmdstat_config|set:calls=2,usec=9'],
        },
      ],
    ],
    silent: [
      { conf: CACHE, file: CACHE, info: used(MIB) },
      { conf: ['maxmemory-policy allkeys-lfu'], info: used(MIB) },
      { conf: CACHE, info: [...used(MIB), 'cmdstat_config|set:calls=2,usec=9'] },
    ],
  },
  'lfu-decay-zero': {
    fires: [['warning', { conf: ['maxmemory-policy volatile-lfu', 'lfu-decay-time 0'] }]],
    silent: [
      { conf: ['maxmemory-policy allkeys-lfu', 'lfu-decay-time 1'] },
      { conf: ['maxmemory-policy allkeys-lru', 'lfu-decay-time 0'] },
    ],
  },
  'lrm-ignores-reads': {
    fires: [['note', { conf: ['maxmemory-policy allkeys-lrm'], server: 'redis-8.6' }]],
    silent: [{ conf: ['maxmemory-policy allkeys-lru'], server: 'redis-8.6' }],
  },
  'save-failed': {
    fires: [
      ['serious', { conf: SAVED, info: [...used(MIB), 'rdb_last_bgsave_status:err'] }],
      ['serious', { conf: CACHE, info: [...used(MIB), 'aof_last_bgrewrite_status:err'] }],
    ],
    silent: [{ conf: SAVED, info: [...used(MIB), 'rdb_last_bgsave_status:ok'] }],
  },
  'no-room-for-fork': {
    fires: [
      ['warning', { conf: SAVED, host: { ramBytes: 6 * GIB } }],
      ['warning', { conf: SAVED, host: { ramBytes: 6 * GIB, swapBytes: 8 * GIB } }],
      [
        'serious',
        {
          conf: SAVED,
          info: [...used(2 * GIB), `rdb_last_cow_size:${GIB}`],
          host: { container: { bytes: 5 * GIB, swapBytes: 0 } },
        },
      ],
      [
        // A child that has just been born says nothing yet.
        'warning',
        {
          conf: SAVED,
          info: [...used(2 * GIB), `current_cow_peak:${MIB}`],
          host: { container: { bytes: 5 * GIB, swapBytes: 0 } },
        },
      ],
      [
        // One that has copied more than the last one says that it may be more.
        'serious',
        {
          conf: SAVED,
          info: [...used(2 * GIB), `rdb_last_cow_size:${MIB}`, `current_cow_peak:${GIB}`],
          host: { container: { bytes: 5 * GIB, swapBytes: 0 } },
        },
      ],
      [
        'warning',
        {
          conf: CACHE,
          info: [...used(2 * GIB), 'connected_slaves:1'],
          host: { ramBytes: 6 * GIB },
        },
      ],
    ],
    silent: [
      { conf: CACHE, host: { ramBytes: 6 * GIB } },
      { conf: SAVED },
      {
        conf: SAVED,
        info: [...used(2 * GIB), `rdb_last_cow_size:${MIB}`],
        host: { container: { bytes: 5 * GIB, swapBytes: 0 } },
      },
      { conf: SAVED, host: null },
    ],
  },
  'overcommit-memory': {
    fires: [
      ['note', { conf: SAVED, host: { overcommitMemory: 0 } }],
      ['serious', { conf: SAVED, host: { overcommitMemory: 2 } }],
      ['note', { conf: SAVED, host: { overcommitMemory: 2, overcommitRatio: 100 } }],
      ['note', { host: { overcommitMemory: 0 } }],
      ['warning', { host: { overcommitMemory: 2 } }],
    ],
    silent: [
      { conf: SAVED, host: { overcommitMemory: 1 } },
      { conf: CACHE, host: { overcommitMemory: 2 } },
      { conf: SAVED, host: null },
    ],
  },
  'transparent-huge-pages': {
    fires: [
      [
        'serious',
        {
          conf: SAVED,
          host: { transparentHugePages: 'always', kernel: '4.19.0' },
          server: 'redis-6.0',
        },
      ],
      ['warning', { conf: [...SAVED, 'disable-thp no'], host: { transparentHugePages: 'always' } }],
      ['note', { host: { transparentHugePages: 'always' } }],
    ],
    silent: [
      { conf: SAVED, host: { transparentHugePages: 'always' } },
      { conf: SAVED, host: { transparentHugePages: 'madvise' }, server: 'redis-6.0' },
    ],
  },
  'cache-is-saved': {
    fires: [['note', { conf: ['maxmemory-policy allkeys-lfu'] }]],
    silent: [{ conf: CACHE }, { conf: ['maxmemory-policy volatile-lru'] }],
  },
  'swapped-out': {
    fires: [['serious', { conf: CACHE, info: used(GIB, 0.5 * GIB) }]],
    silent: [
      { conf: CACHE, info: used(GIB) },
      { conf: CACHE, info: used(MIB, 0.5 * MIB) },
    ],
  },
  fragmentation: {
    fires: [['warning', { conf: CACHE, info: used(GIB, 1.6 * GIB) }]],
    silent: [
      { conf: CACHE, info: used(GIB) },
      { conf: CACHE, info: used(MIB, 8 * MIB) },
    ],
  },
  'table-about-to-double': {
    fires: [
      // 2^20 keys fill the table; the next has 2^21 slots of 8 bytes.
      ['warning', { conf: CACHE, info: [...used(200 * MIB), keyspace(1_000_000, 0)] }],
      [
        'serious',
        {
          conf: ['maxmemory 200mb', 'maxmemory-policy allkeys-lru'],
          info: [...used(199 * MIB), keyspace(1_000_000, 0)],
          server: 'redis-6.0',
        },
      ],
      [
        'note',
        {
          conf: ['maxmemory 200mb', 'maxmemory-policy allkeys-lru'],
          info: [...used(199 * MIB), keyspace(1_000_000, 0)],
        },
      ],
    ],
    silent: [
      { conf: CACHE, info: [...used(200 * MIB), keyspace(600_000, 0)] },
      { conf: CACHE, info: [...used(2 * MIB), keyspace(1000, 0)] },
      { conf: CACHE, info: used(2 * MIB) },
    ],
  },
  'backlog-in-maxmemory': {
    fires: [
      ['warning', { conf: ['maxmemory 1gb', 'repl-backlog-size 128mb'] }],
      [
        'serious',
        {
          conf: ['maxmemory 1gb', 'repl-backlog-size 512mb'],
          info: [...used(MIB), `mem_replication_backlog:${512 * MIB}`],
        },
      ],
    ],
    silent: [
      { conf: ['maxmemory 1gb', 'repl-backlog-size 64mb'] },
      { conf: ['repl-backlog-size 1gb'] },
    ],
  },
  'client-buffers': {
    fires: [
      ['note', { conf: CACHE }],
      ['warning', { conf: CACHE, info: [...used(MIB), `mem_clients_normal:${GIB}`] }],
      ['serious', { conf: CACHE, info: [...used(MIB), `mem_clients_normal:${2 * GIB}`] }],
    ],
    silent: [
      { conf: [...CACHE, 'maxmemory-clients 10%'] },
      { conf: CACHE, info: [...used(MIB), `mem_clients_normal:${MIB}`] },
      { conf: ['maxmemory 4gb'] },
    ],
  },
  'client-limit-of-nothing': {
    fires: [['warning', { conf: ['maxmemory-clients 5%'] }]],
    silent: [
      { conf: ['maxmemory-clients 5%', 'maxmemory 1gb'] },
      { conf: ['maxmemory-clients 1mb'] },
    ],
  },
  'clients-disconnected': {
    fires: [['warning', { conf: CACHE, info: [...used(MIB), 'evicted_clients:3'] }]],
    silent: [{ conf: CACHE, info: [...used(MIB), 'evicted_clients:0'] }],
  },
  'replica-buffers-unlimited': {
    fires: [
      ['warning', { conf: ['client-output-buffer-limit replica 0 0 0'] }],
      [
        'warning',
        {
          conf: ['client-output-buffer-limit normal 0 0 0 slave 0 0 0 pubsub 1 1 1'],
          info: [...used(MIB), 'connected_slaves:2'],
        },
      ],
    ],
    silent: [
      { conf: [] },
      {
        conf: ['client-output-buffer-limit replica 0 0 0'],
        info: [...used(MIB), 'connected_slaves:0'],
      },
    ],
  },
  'replica-above-limit': {
    fires: [
      ['note', { conf: ['maxmemory 1gb'], info: [...used(2 * GIB), 'role:slave'] }],
      [
        'warning',
        {
          conf: ['maxmemory 1gb', 'replica-ignore-maxmemory no'],
          info: [...used(2 * GIB), 'role:slave'],
        },
      ],
    ],
    silent: [
      { conf: ['maxmemory 1gb'], info: [...used(2 * GIB), 'role:master'] },
      { conf: ['maxmemory 4gb'], info: [...used(2 * GIB), 'role:slave'] },
    ],
  },
  'too-many-samples': {
    fires: [
      ['note', { conf: ['maxmemory-samples 20'] }],
      ['serious', { conf: ['maxmemory-samples 10000'] }],
    ],
    silent: [
      { conf: ['maxmemory-samples 10'] },
      { conf: ['maxmemory-samples 100'], server: 'redis-7.4' },
    ],
  },
  'eviction-blocks': {
    fires: [
      ['warning', { conf: ['maxmemory-eviction-tenacity 100'] }],
      ['note', { conf: ['maxmemory-eviction-tenacity 60'] }],
    ],
    silent: [{ conf: [] }, { conf: ['maxmemory-eviction-tenacity 100'], server: 'redis-6.0' }],
  },
};

describe('doctor rules', () => {
  for (const rule of RULES) {
    const expected = EXPECTATIONS[rule.id];
    for (const [i, [severity, facts]] of expected.fires.entries()) {
      it(`${rule.id} is ${severity} in case ${i + 1}`, () => {
        const found = rule.examine(factsOf(facts));
        assert.equal(found?.severity, severity);
        for (const text of [found.problem, found.reason, found.fix, ...found.evidence]) {
          assert.doesNotMatch(text, /NaN|undefined|Infinity/, text);
          assert.notEqual(text, '');
        }
        assert.ok(found.evidence.length > 0);
      });
    }
    it(`${rule.id} is silent where nothing is wrong`, () => {
      for (const facts of expected.silent) {
        assert.equal(rule.examine(factsOf(facts)), undefined, JSON.stringify(facts));
      }
    });
  }

  it('have expectations, and no others', () => {
    assert.deepEqual(Object.keys(EXPECTATIONS).sort(), RULES.map(({ id }) => id).sort());
  });

  it('say nothing about a good server on a good machine', () => {
    const conf = [...CACHE, 'maxmemory-clients 10%'];
    const info = [...used(GIB), keyspace(5_000_000, 4_000_000), 'role:master'];
    assert.deepEqual(diagnose(factsOf({ conf, info })), []);
    assert.deepEqual(diagnose(factsOf({})), []);
  });

  it('put the worst first', () => {
    const conf = ['maxmemory 75%', 'maxmemory-policy volatile-lfu', 'lfu-decay-time 0'];
    const ranks = diagnose(factsOf({ conf, host: { overcommitMemory: 0 } })).map(({ severity }) =>
      SEVERITIES.indexOf(severity),
    );
    assert.ok(ranks.length > 2);
    assert.deepEqual(ranks, [...ranks].sort());
  });

  it('are all in docs/doctor.md', () => {
    const page = readFileSync(join(import.meta.dirname, '../../../docs/doctor.md'), 'utf8');
    for (const { id, summary } of RULES) {
      assert.ok(page.includes(`\`${id}\``), id);
      assert.ok(page.replaceAll(/\s+/g, ' ').includes(summary), summary);
    }
  });
});
