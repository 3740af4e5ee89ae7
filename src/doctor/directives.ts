/**
 * Which directives each version takes in its configuration file, by profile names. 5.0 to 7.4 and Valkey 7.2, 8.0: src/config.c of
 * every patch release, taken together. 7.0.15, 8.0.2, 8.6.3, Valkey 8.1.1, 9.1.2: every name of any version was given
 * to a running server to start with; with 7.0.15 the two ways came to the same. So directives that CONFIG GET does not
 * list are here (include, loadmodule, user …), and so are aliases (slaveof) and what is taken and ignored.
 */
/** Directives that a version has and the one before it has not, aliases included. */
const ADDED: Readonly<Partial<Record<string, string>>> = {
  'redis-5.0': `
    active-defrag-cycle-max active-defrag-cycle-min active-defrag-ignore-bytes active-defrag-max-scan-fields
    active-defrag-threshold-lower active-defrag-threshold-upper activedefrag activerehashing always-show-logo
    aof-load-truncated aof-rewrite-incremental-fsync aof-use-rdb-preamble appendfilename appendfsync appendonly
    auto-aof-rewrite-min-size auto-aof-rewrite-percentage bind client-output-buffer-limit
    client-query-buffer-limit cluster-announce-bus-port cluster-announce-ip cluster-announce-port
    cluster-config-file cluster-enabled cluster-migration-barrier cluster-node-timeout cluster-replica-no-failiver
    cluster-replica-no-failover cluster-replica-validity-factor cluster-require-full-coverage
    cluster-slave-no-failover cluster-slave-validity-factor daemonize databases dbfilename dir dynamic-hz
    hash-max-ziplist-entries hash-max-ziplist-value hll-sparse-max-bytes hz ignore-warnings include
    latency-monitor-threshold lazyfree-lazy-eviction lazyfree-lazy-expire lazyfree-lazy-server-del lfu-decay-time
    lfu-log-factor list-compress-depth list-max-ziplist-entries list-max-ziplist-size list-max-ziplist-value
    loadmodule logfile loglevel lua-replicate-commands lua-time-limit masterauth maxclients maxmemory
    maxmemory-policy maxmemory-samples min-replicas-max-lag min-replicas-to-write min-slaves-max-lag
    min-slaves-to-write no-appendfsync-on-rewrite notify-keyspace-events pidfile port protected-mode
    proto-max-bulk-len rdb-save-incremental-fsync rdbchecksum rdbcompression rename-command repl-backlog-size
    repl-backlog-ttl repl-disable-tcp-nodelay repl-diskless-sync repl-diskless-sync-delay repl-ping-replica-period
    repl-ping-slave-period repl-timeout replica-announce-ip replica-announce-port replica-ignore-maxmemory
    replica-lazy-flush replica-priority replica-read-only replica-serve-stale-data replicaof requirepass save
    sentinel set-max-intset-entries slave-announce-ip slave-announce-port slave-ignore-maxmemory slave-lazy-flush
    slave-priority slave-read-only slave-serve-stale-data slaveof slowlog-log-slower-than slowlog-max-len
    stop-writes-on-bgsave-error stream-node-max-bytes stream-node-max-entries supervised syslog-enabled
    syslog-facility syslog-ident tcp-backlog tcp-keepalive timeout unixsocket unixsocketperm
    zset-max-ziplist-entries zset-max-ziplist-value
  `,
  'redis-6.0': `
    aclfile acllog-max-len active-expire-effort aof_rewrite_cpulist bgsave_cpulist bio_cpulist
    cluster-allow-reads-when-down gopher-enabled io-threads io-threads-do-reads jemalloc-bg-thread key-load-delay
    lazyfree-lazy-user-del masteruser oom-score-adj oom-score-adj-values rdb-del-sync-files rdb-key-save-delay
    repl-diskless-load server_cpulist tls-auth-clients tls-ca-cert-dir tls-ca-cert-file tls-cert-file tls-ciphers
    tls-ciphersuites tls-cluster tls-dh-params-file tls-key-file tls-port tls-prefer-server-ciphers tls-protocols
    tls-replication tls-session-cache-size tls-session-cache-timeout tls-session-caching tracking-table-max-keys
    user
  `,
  'redis-6.2': `
    acl-pubsub-default cluster-allow-replica-migration cluster-announce-tls-port crash-log-enabled
    crash-memcheck-enabled disable-thp lazyfree-lazy-user-flush maxmemory-eviction-tenacity proc-title-template
    replica-announced sanitize-dump-payload set-proc-title tls-client-cert-file tls-client-key-file
    tls-client-key-file-pass tls-key-file-pass use-exit-on-panic
  `,
  'redis-7.0': `
    aof-disable-auto-gc aof-timestamp-enabled appenddirname bind-source-addr busy-reply-threshold
    cluster-allow-pubsubshard-when-down cluster-announce-hostname cluster-link-sendbuf-limit cluster-port
    cluster-preferred-endpoint-type enable-debug-command enable-module-command enable-protected-configs
    hash-max-listpack-entries hash-max-listpack-value latency-tracking latency-tracking-info-percentiles
    list-max-listpack-size loading-process-events-interval-bytes maxmemory-clients propagation-error-behavior
    repl-diskless-sync-max-replicas replica-ignore-disk-write-errors shutdown-on-sigint shutdown-on-sigterm
    shutdown-timeout socket-mark-id watchdog-period zset-max-listpack-entries zset-max-listpack-value
  `,
  'redis-7.2': `
    client-default-resp cluster-announce-human-nodename cluster-ping-interval locale-collate req-res-logfile
    set-max-listpack-entries set-max-listpack-value
  `,
  'redis-7.4': `
    aof-rewrite-cpulist bgsave-cpulist bio-cpulist hide-user-data-from-log max-new-connections-per-cycle
    max-new-tls-connections-per-cycle server-cpulist
  `,
  'redis-8.0': `
    cluster-compatibility-sample-ratio replica-full-sync-buffer-limit
  `,
  'redis-8.6': `
    aof-load-corrupt-tail-max-size cluster-slot-migration-handoff-max-lag-bytes
    cluster-slot-migration-write-pause-timeout cluster-slot-stats-enabled key-memory-histograms lookahead
    prefetch-batch-max-size stream-idmp-duration stream-idmp-maxsize tls-auth-clients-user
    vset-force-single-threaded-execution
  `,
  'valkey-8.0': `
    aof-rewrite-cpulist availability-zone bgsave-cpulist bio-cpulist cluster-announce-client-ipv4
    cluster-announce-client-ipv6 cluster-blacklist-ttl cluster-slot-stats-enabled debug-context
    dual-channel-replication-enabled enable-debug-assert events-per-io-thread extended-redis-compatibility
    hide-user-data-from-log max-new-connections-per-cycle max-new-tls-connections-per-cycle
    prefetch-batch-max-size primaryauth primaryuser server-cpulist unixsocketgroup
  `,
  'valkey-8.1': `
    active-defrag-cycle-us cluster-manual-failover-timeout commandlog-execution-slower-than
    commandlog-large-reply-max-len commandlog-large-request-max-len commandlog-reply-larger-than
    commandlog-request-larger-than commandlog-slow-execution-max-len import-mode log-format log-timestamp-format
    rdb-version-check rdma-bind rdma-completion-vector rdma-port rdma-rx-size
  `,
  'valkey-9.1': `
    cluster-announce-client-port cluster-announce-client-tls-port cluster-config-save-behavior cluster-databases
    cluster-slot-migration-log-max-len hash-seed mptcp repl-mptcp slot-migration-max-failover-repl-bytes
    tls-auth-clients-user tls-auto-reload-interval
  `,
};

/** Directives that a version has no more. */
const GONE: Readonly<Partial<Record<string, string>>> = {
  'redis-6.0': `
    cluster-replica-no-failiver
  `,
  'redis-7.0': `
    gopher-enabled
  `,
};

/** From the oldest on: each has what the one before it has, but for ADDED and GONE. Valkey 7.2 is Redis 7.2. */
const LINES: readonly (readonly string[])[] = [
  [
    'redis-5.0',
    'redis-6.0',
    'redis-6.2',
    'redis-7.0',
    'redis-7.2',
    'redis-7.4',
    'redis-8.0',
    'redis-8.6',
  ],
  [
    'redis-5.0',
    'redis-6.0',
    'redis-6.2',
    'redis-7.0',
    'redis-7.2',
    'valkey-7.2',
    'valkey-8.0',
    'valkey-8.1',
    'valkey-9.1',
  ],
];

const words = (text: string | undefined): string[] => (text ?? '').split(/\s+/).filter(Boolean);

const BY_VERSION = new Map<string, ReadonlySet<string>>();
for (const line of LINES) {
  let known: ReadonlySet<string> = new Set();
  for (const version of line) {
    const gone = words(GONE[version]);
    known = new Set([...known, ...words(ADDED[version])].filter((name) => !gone.includes(name)));
    BY_VERSION.set(version, known);
  }
}

/** Whether a version has a directive; undefined of a version whose directives are not known. */
export function hasDirective(version: string, name: string): boolean | undefined {
  return BY_VERSION.get(version)?.has(name);
}

/** The versions that have a directive. */
export function versionsWith(name: string): string[] {
  return [...BY_VERSION].filter(([, known]) => known.has(name)).map(([version]) => version);
}

/** Every directive of any version. */
export const DIRECTIVES: readonly string[] = [
  ...new Set([...BY_VERSION.values()].flatMap((known) => [...known])),
];

/** Of modules, which bring their own: `name.setting`, and those that come with Redis 8. */
export function isOfModule(name: string): boolean {
  return name.includes('.') || /^(bf|cf|ts|search)-/.test(name);
}
