import type { Facts } from '../doctor/facts.ts';
import { Settings } from '../doctor/settings.ts';
import { UsageError } from '../errors.ts';
import { type Address, parseAddress } from '../live/address.ts';
import { Connection } from '../live/connection.ts';
import { examine, type Examination } from '../live/examine.ts';
import { nearestProfile } from '../servers/nearest-profile.ts';
import { findServer, type FoundServer } from '../servers/find-server.ts';
import { ALLOCATORS, type Allocator } from '../servers/profile.ts';
import { DEFAULT_SERVER } from '../servers/registry.ts';
import type { Arguments } from './arguments.ts';
import type { Console } from './console.ts';
import { ANY_HOST, hostOf, thisHost } from './doctor-host.ts';
import { readDirectives } from './redis-conf.ts';
import { tlsFilesOf } from './verify-target.ts';
import { parseWholeNumber } from './whole-number.ts';

export interface Examined {
  readonly subject: string;
  readonly facts: Facts;
}

const DEFAULT_SAMPLE = '200';
const MOST_SAMPLES = 100_000;
/** Options that a file has no use for. */
const OF_A_RUNNING_SERVER = ['sample-keys', 'tls-ca', 'tls-cert', 'tls-key'];

export const isAddress = (target: string): boolean => /^[a-z]+:\/\//i.test(target);

/** Nothing but the machine. */
export async function factsOfMachine(args: Arguments): Promise<Examined> {
  const found = findServer(args.one('server') ?? DEFAULT_SERVER);
  const host = await hostOf(args, thisHost());
  if (host === undefined) {
    throw new UsageError(
      'This machine has no /proc/meminfo to read. Name a redis.conf, a server (redis://…) or a machine (--ram 8gb).',
    );
  }
  const facts = { ...withoutServer(found, args), host, settings: undefined };
  return { subject: 'This machine, no server named', facts };
}

/** A redis.conf, for a server of the version that --server says, on this machine or the one of the options. */
export async function factsOfFile(
  file: string,
  args: Arguments,
  console: Console,
): Promise<Examined> {
  if (/^[\w.-]+:\d+$/.test(file)) {
    throw new UsageError(
      `${file}: no file name. For the server that runs there, write redis://${file}.`,
    );
  }
  const idle = OF_A_RUNNING_SERVER.find((name) => args.has(name));
  if (idle !== undefined) {
    throw new UsageError(`--${idle} is about a running server (redis://…); ${file} is a file.`);
  }
  const found = findServer(args.one('server') ?? DEFAULT_SERVER);
  const settings = await settingsIn(file, console);
  const facts = {
    ...withoutServer(found, args),
    host: await hostOf(args, thisHost()),
    settings,
  };
  return { subject: `${file}, as ${found.profile.name} reads it`, facts };
}

function withoutServer(
  { profile, allocator }: FoundServer,
  args: Arguments,
): Omit<Facts, 'settings' | 'host'> {
  return {
    profile,
    allocator: allocatorOf(args, allocator, ''),
    version: profile.version,
    info: new Map(),
    sample: undefined,
    traffic: undefined,
    file: undefined,
  };
}

/** A running server: only reads. Throws UsageError when it can't be had. */
export async function factsOfServer(
  url: string,
  args: Arguments,
  console: Console,
): Promise<Examined> {
  if (args.has('server')) {
    throw new UsageError(
      '--server says what a redis.conf is for; a running server says it itself.',
    );
  }
  const address = parseAddress(url, tlsFilesOf(args), process.env.REDISCLI_AUTH, 'doctor');
  const keys = parseWholeNumber(
    args.one('sample-keys') ?? DEFAULT_SAMPLE,
    '--sample-keys',
    0,
    MOST_SAMPLES,
  );
  const connection = await Connection.open(address);
  let examination: Examination;
  try {
    examination = await examine(connection, keys, console.warn);
  } finally {
    connection.close();
  }
  const { info, config, sample } = examination;
  const valkey = info.get('valkey_version');
  const flavour = valkey === undefined ? 'redis' : 'valkey';
  const version = valkey ?? info.get('redis_version') ?? '0';
  const { profile } = nearestProfile(flavour, version);
  const isHere = runsHere(address);
  const facts: Facts = {
    settings: settingsOf(info, config),
    profile,
    allocator: allocatorOf(args, profile.defaultAllocator, info.get('mem_allocator') ?? ''),
    version,
    info,
    sample,
    traffic: undefined,
    host: await hostOf(args, isHere ? thisHost(processId(info)) : hostInInfo(info)),
    file: isHere ? await ownFile(info.get('config_file')) : undefined,
  };
  if (!isHere && !args.has('host-from') && !args.has('ram')) {
    console.warn(
      `${address.shown}: of its machine only the memory is known. Take the rest there with "evictlab doctor --json > host.json", then --host-from host.json.`,
    );
  }
  return { subject: `${address.shown}, ${flavour} ${version}`, facts };
}

async function settingsIn(file: string, console: Console): Promise<Settings> {
  const settings = new Settings();
  for (const { name, words, where } of await readDirectives(file, '', console.warn)) {
    settings.add(name, words, where);
  }
  return settings;
}

/** What a local server was started with, if it can be read. */
async function ownFile(file: string | undefined): Promise<Settings | undefined> {
  if (file === undefined || file === '') return undefined;
  try {
    return await settingsIn(file, { print() {}, note() {}, warn() {}, fail() {} });
  } catch (error) {
    if (error instanceof UsageError) return undefined;
    throw error;
  }
}

function settingsOf(info: Examination['info'], config: Examination['config']): Settings {
  if (config !== undefined) {
    const settings = new Settings();
    for (const [name, value] of config) settings.add(name, [value], 'CONFIG GET');
    return settings;
  }
  const settings = new Settings(false);
  const shown = [
    ['maxmemory', 'maxmemory'],
    ['maxmemory-policy', 'maxmemory_policy'],
  ];
  for (const [name, field] of shown) {
    const value = info.get(field);
    if (value !== undefined) settings.add(name, [value], 'INFO');
  }
  const appendOnly = info.get('aof_enabled');
  if (appendOnly !== undefined) {
    settings.add('appendonly', [appendOnly === '1' ? 'yes' : 'no'], 'INFO');
  }
  return settings;
}

function runsHere({ socket }: Address): boolean {
  if ('path' in socket) return true;
  return /^(localhost|127(\.\d+){3}|::1)$/.test(socket.host);
}

function processId(info: Examination['info']): number | undefined {
  const pid = Number(info.get('process_id'));
  return Number.isInteger(pid) && pid > 0 ? pid : undefined;
}

function hostInInfo(info: Examination['info']): Facts['host'] {
  const ramBytes = Number(info.get('total_system_memory') ?? 0);
  return ramBytes > 0 ? { ...ANY_HOST, ramBytes } : undefined;
}

/** The build as far as the server names it; its size classes can't be told without writing. */
function allocatorOf(args: Arguments, usual: Allocator, memAllocator: string): Allocator {
  const named = args.one('allocator') ?? (memAllocator.startsWith('libc') ? 'libc' : undefined);
  return ALLOCATORS.find((allocator) => allocator === named) ?? usual;
}
