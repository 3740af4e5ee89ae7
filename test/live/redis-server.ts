import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { loopback } from '../../src/live/address.ts';
import { Connection } from '../../src/live/connection.ts';

/** Why tests against a real server can't run here; false if they can. */
export const noRedisServer: string | false = hasRedisServer()
  ? false
  : 'no redis-server on this machine (apt-get install redis-server)';

function hasRedisServer(): boolean {
  try {
    return execFileSync('redis-server', ['--version'], { encoding: 'utf8' }).startsWith('Redis');
  } catch {
    return false;
  }
}

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

/** Servers that tests started, to be stopped in their `after`. */
const started = new Set<ChildProcess>();

export async function stopRedis(): Promise<void> {
  for (const child of started) {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'close');
  }
  started.clear();
}

/** Somebody else's server. Answers with its port once it listens. */
export async function startRedis(
  folder: string,
  name: string,
  settings: readonly string[] = [],
): Promise<number> {
  const port = await freePort();
  const dir = join(folder, name);
  mkdirSync(dir);
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', dir];
  const child = spawn('redis-server', [...args, ...settings], { stdio: 'ignore' });
  started.add(child);
  for (let i = 0; i < 200; i++) {
    try {
      (await Connection.open(loopback(port))).close();
      return port;
    } catch (error) {
      // It listens, but wants a password.
      if ((error as Error).message.includes('password')) return port;
      await sleep(25);
    }
  }
  throw new Error(`redis-server ${name} did not start`);
}
