import type { Allocator } from './profile.ts';

/** A name under which people run a server, and the release it is. */
export interface ServerAlias {
  readonly name: string;
  readonly flavour: 'redis' | 'valkey';
  readonly version: string;
  /** undefined = as the profile's own build: where a service doesn't say, too. */
  readonly allocator: Allocator | undefined;
  /** What it is, and how we know. */
  readonly origin: string;
}

const UNSAID = 'allocator not public, taken as the bundled one';

function elasticache(
  flavour: ServerAlias['flavour'],
  named: string,
  version = named,
  known?: string,
): ServerAlias {
  const origin = known === undefined ? UNSAID : `${known}; ${UNSAID}`;
  const name = `elasticache-${flavour}-${named}`;
  return { name, flavour, version, allocator: undefined, origin };
}

function memorystore(flavour: ServerAlias['flavour'], named: string, version: string): ServerAlias {
  const name = `memorystore-${flavour}-${named}`;
  return { name, flavour, version, allocator: undefined, origin: `release ${version}; ${UNSAID}` };
}

/** A Debian or Ubuntu package: linked with the distribution's own jemalloc, whose quantum is 16 bytes. */
function packaged(
  name: string,
  flavour: ServerAlias['flavour'],
  version: string,
  jemalloc: string,
): ServerAlias {
  const origin = `package ${flavour}-server ${version} with the system's jemalloc ${jemalloc}`;
  return { name, flavour, version, allocator: 'jemalloc-q16', origin };
}

/**
 * Names for `--server` besides the profiles' own. Packages: the archives' indexes (`apt-cache madison redis-server
 * valkey-server libjemalloc2`; Ubuntu 20.04 redis 5:5.0.7-2ubuntu0.1, 22.04 5:6.0.16-1ubuntu1, 24.04
 * 5:7.0.15-1ubuntu0.24.04 and valkey 7.2.13+dfsg1-0ubuntu0.1). Services: the pages "Supported engine versions" of
 * Amazon ElastiCache (whose Valkey 8.2 is 8.1 with vector search), "Supported versions" of Google Memorystore (6.x is
 * 6.2.13), and the redisVersion of Azure's Microsoft.Cache/redis. As of 2026.
 */
export const SERVER_ALIASES: readonly ServerAlias[] = [
  packaged('debian-11', 'redis', '6.0.16', '5.2.1'),
  packaged('debian-12', 'redis', '7.0.15', '5.3.0'),
  packaged('debian-13', 'redis', '8.0.2', '5.3.0'),
  packaged('debian-13-valkey', 'valkey', '8.1.1', '5.3.0'),
  packaged('ubuntu-20.04', 'redis', '5.0.7', '5.2.1'),
  packaged('ubuntu-22.04', 'redis', '6.0.16', '5.2.1'),
  packaged('ubuntu-24.04', 'redis', '7.0.15', '5.3.0'),
  packaged('ubuntu-24.04-valkey', 'valkey', '7.2.13', '5.3.0'),
  elasticache('redis', '5.0', '5.0.6', 'release 5.0.6'),
  elasticache('redis', '6.0'),
  elasticache('redis', '6.2'),
  elasticache('redis', '7.0'),
  elasticache('redis', '7.1', '7.0', 'compatible with 7.0, as AWS says'),
  elasticache('valkey', '7.2'),
  elasticache('valkey', '8.0'),
  elasticache('valkey', '8.1'),
  elasticache('valkey', '8.2', '8.1', '8.1 with vector search, as AWS says'),
  elasticache('valkey', '9.0'),
  elasticache('valkey', '9.1'),
  memorystore('redis', '5.0', '5.0.14'),
  memorystore('redis', '6.x', '6.2.13'),
  memorystore('redis', '7.0', '7.0.12'),
  memorystore('redis', '7.2', '7.2.0'),
  memorystore('valkey', '7.2', '7.2'),
  memorystore('valkey', '8.0', '8.0'),
  memorystore('valkey', '9.0', '9.0'),
  {
    name: 'azure-redis-6.0',
    flavour: 'redis',
    version: '6.0',
    allocator: undefined,
    origin: `Azure Cache for Redis, not the Enterprise and Managed ones; ${UNSAID}`,
  },
];
