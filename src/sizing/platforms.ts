import type { Headroom } from './headroom.ts';

/** What to write where, for one way to run a server. */
export interface PlatformSetting {
  readonly platform: string;
  /** The settings, by their own names and in their own units. */
  readonly settings: Readonly<Record<string, string>>;
  /** What else has to be known: the size to order, a rule of the provider that asks for more. */
  readonly note: string;
  /** Where the settings, their units and ranges are documented. */
  readonly source: string;
}

export interface PlatformRequest {
  readonly maxmemoryBytes: number;
  readonly headroom: Headroom;
  readonly replicas: number;
}

const MIB = 2 ** 20;
const GIB = 2 ** 30;

/** The RAM to provide, as each platform wants to be told. */
export function platformSettings(request: PlatformRequest): PlatformSetting[] {
  return [kubernetes, docker, elastiCache, azure, memorystore, redisSoftware].map((of) =>
    of(request),
  );
}

/** The least node memory, and the share of it that is left to everything but maxmemory. */
function elastiCache({ maxmemoryBytes, headroom }: PlatformRequest): PlatformSetting {
  const { totalBytes } = headroom;
  const percent = Math.ceil(100 * (1 - maxmemoryBytes / totalBytes));
  const nodeBytes = Math.max(totalBytes, maxmemoryBytes / (1 - percent / 100));
  const usual = maxmemoryBytes / (1 - ELASTICACHE_DEFAULT_PERCENT / 100);
  return {
    platform: 'Amazon ElastiCache',
    settings: { 'reserved-memory-percent': String(percent) },
    note:
      `node type with at least ${gib(nodeBytes)} of memory` +
      (percent < ELASTICACHE_DEFAULT_PERCENT
        ? `; AWS advises not to go below the default of ${ELASTICACHE_DEFAULT_PERCENT}, which takes ${gib(usual)}`
        : ''),
    source: 'https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/redis-memory-management.html',
  };
}
const ELASTICACHE_DEFAULT_PERCENT = 25;

/** Cache size C with C = maxmemory + reserved + fragmentation reserve, each of these 10 to 60 % of C. */
function azure({ maxmemoryBytes, headroom }: PlatformRequest): PlatformSetting {
  const fragmentation = headroom.parts.find(({ name }) => name === 'fragmentation')?.bytes ?? 0;
  const other = headroom.totalBytes - maxmemoryBytes - fragmentation;
  const cacheBytes = azureCacheBytes(maxmemoryBytes, [other, fragmentation]);
  const reserve = (bytes: number): string =>
    String(Math.ceil(Math.max(bytes, AZURE_LEAST * cacheBytes) / MIB));
  return {
    platform: 'Azure Cache for Redis',
    settings: {
      'maxmemory-reserved': reserve(other),
      'maxfragmentationmemory-reserved': reserve(fragmentation),
    },
    note: `MB per instance; cache size of at least ${gib(cacheBytes)}, of which each takes 10 to 60 %`,
    source:
      'https://learn.microsoft.com/azure/azure-cache-for-redis/cache-best-practices-memory-management',
  };
}
const AZURE_LEAST = 0.1;

/** Reserves below a tenth of the cache are raised to it, which makes the cache larger. */
function azureCacheBytes(maxmemoryBytes: number, reserves: readonly number[]): number {
  const sizes = [0, 1, 2].map((raised) => {
    const kept = [...reserves].sort((a, b) => a - b).slice(raised);
    const fixed = kept.reduce((sum, bytes) => sum + bytes, maxmemoryBytes);
    return fixed / (1 - AZURE_LEAST * raised);
  });
  return Math.max(...sizes);
}

function memorystore({ maxmemoryBytes, headroom }: PlatformRequest): PlatformSetting {
  const capacityGb = Math.ceil(headroom.totalBytes / GIB);
  return {
    platform: 'Memorystore for Redis',
    settings: { 'maxmemory-gb': String(Math.floor((100 * maxmemoryBytes) / GIB) / 100) },
    note: `instance of ${capacityGb} GB; Google advises to act when the system memory usage ratio exceeds 80 %`,
    source: 'https://cloud.google.com/memorystore/docs/redis/supported-redis-configurations',
  };
}

/** Its limit is that of all shards of a database, replicas among them. */
function redisSoftware({ maxmemoryBytes, headroom, replicas }: PlatformRequest): PlatformSetting {
  const copies = replicas > 0 ? 2 : 1;
  const limit = maxmemoryBytes * copies;
  return {
    platform: 'Redis Software',
    settings: { 'memory limit': gib(limit) },
    note:
      `${copies === 2 ? 'replication doubles it' : 'without replication'}; nodes keep 30 % of their RAM free: ` +
      `${gib(Math.max(headroom.totalBytes, maxmemoryBytes / REDIS_SOFTWARE_USED))} of RAM per copy`,
    source: 'https://redis.io/docs/latest/operate/rs/databases/memory-performance/memory-limit/',
  };
}
const REDIS_SOFTWARE_USED = 0.7;

function kubernetes({ headroom }: PlatformRequest): PlatformSetting {
  const memory = kubernetesMemory(headroom);
  return {
    platform: 'Kubernetes',
    settings: { 'resources.limits.memory': memory, 'resources.requests.memory': memory },
    note: 'request and limit alike, so that the node has the memory that the limit promises',
    source:
      'https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/#meaning-of-memory',
  };
}

function docker({ headroom }: PlatformRequest): PlatformSetting {
  const memory = `${Math.max(DOCKER_LEAST_MIB, Math.ceil(headroom.totalBytes / MIB))}m`;
  return {
    platform: 'Docker',
    settings: { '--memory': memory, '--memory-swap': memory },
    note: 'both alike = no swap; m is 1024² bytes, 6m the least',
    source: 'https://docs.docker.com/engine/containers/resource_constraints/',
  };
}
const DOCKER_LEAST_MIB = 6;

const kubernetesMemory = ({ totalBytes }: Headroom): string => `${Math.ceil(totalBytes / MIB)}Mi`;

/** The Kubernetes settings as a fragment of a values.yaml. */
export function valuesYaml(headroom: Headroom): string {
  const memory = kubernetesMemory(headroom);
  return `resources:\n  requests:\n    memory: ${memory}\n  limits:\n    memory: ${memory}\n`;
}

const gib = (bytes: number): string => `${roundTo(bytes / GIB, 2)} GiB`;

/** Rounded up, so that what is ordered is enough. */
function roundTo(value: number, decimals: number): number {
  return Math.ceil(value * 10 ** decimals - 1e-9) / 10 ** decimals;
}
