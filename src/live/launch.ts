import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { UsageError } from '../errors.ts';
import type { ServerBinary } from './server-binary.ts';
import { ServerFailure } from './server-failure.ts';
import type { TraceClock } from './trace-clock.ts';
import { atLeast } from '../servers/version.ts';

const START_TIMEOUT_MS = 10_000;
const STOP_TIMEOUT_MS = 2000;
const PORT_ATTEMPTS = 5;

/** What must not outlive this process, whichever way it ends. */
const running = new Set<ChildProcess>();
const folders = new Set<string>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A folder of our own below the system's; removed by {@link removeFolder}, at the latest when the process ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'evictlab-verify-'));
  folders.add(folder);
  return folder;
}

export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  folders.delete(folder);
}

export interface LaunchOptions {
  /** A name for the server's folder within `folder`. */
  readonly name: string;
  readonly folder: string;
  /** undefined = one that is free. */
  readonly port: number | undefined;
  readonly clock?: TraceClock;
  /** Directives beyond our own, or instead of them. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** A server of our own: loopback only, nothing persisted. */
export class LaunchedServer {
  readonly port: number;
  private readonly child: ChildProcess;
  private readonly clock: TraceClock | undefined;
  private log = '';

  constructor(child: ChildProcess, port: number, clock: TraceClock | undefined) {
    this.child = child;
    this.port = port;
    this.clock = clock;
    running.add(child);
    child.once('close', () => running.delete(child));
    // Also when it could not be started: 'exit' follows and tells.
    child.once('error', (error) => (this.log += error.message));
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.log = (this.log + text).slice(-8192);
      });
    }
  }

  get hasExited(): boolean {
    const { exitCode, signalCode } = this.child;
    return exitCode !== null || signalCode !== null || this.child.pid === undefined;
  }

  get isReady(): boolean {
    return this.log.includes('eady to accept connections');
  }

  get isPortTaken(): boolean {
    return /Address already in use/i.test(this.log);
  }

  /** How it ended and the last thing it said; for messages. */
  get lastWords(): string {
    const lines = this.log.split('\n').filter((line) => /\w/.test(line));
    // "903:M 22 Nov 2026 12:08:40.696 # text": who and when don't matter.
    const last = lines.at(-1)?.replace(/^\d+:\w+ .*?\d\d:\d\d:\d\d(?:\.\d+)? [.\-*#] /, '') ?? '';
    const { exitCode, signalCode } = this.child;
    const end = signalCode === null ? `exit code ${exitCode ?? '?'}` : `signal ${signalCode}`;
    return `${end}; its last words: "${last.trim()}"`;
  }

  /** Whether it is gone, or goes within that time by itself. */
  async exitsWithin(ms: number): Promise<boolean> {
    const deadline = performance.now() + ms;
    while (running.has(this.child) && performance.now() < deadline) await sleep(10);
    return !running.has(this.child);
  }

  /** SIGTERM, then SIGKILL; returns when it's gone. */
  async stop(): Promise<void> {
    if (this.hasExited) return;
    const gone = once(this.child, 'close');
    this.child.kill('SIGTERM');
    const patience = setTimeout(() => this.child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    // Its timer notices the signal, and under a trace clock no time passes by itself.
    const push = setInterval(() => this.clock?.set(this.clock.nowMs + 1000), 20);
    await gone;
    clearTimeout(patience);
    clearInterval(push);
  }
}

/** Starts a server and waits until it accepts connections. Throws UsageError when the port is taken. */
export async function launch(
  binary: ServerBinary,
  options: LaunchOptions,
  signal: AbortSignal,
): Promise<LaunchedServer> {
  for (let attempt = 1; ; attempt++) {
    const port = options.port ?? (await freePort());
    const server = start(binary, port, options);
    const deadline = performance.now() + START_TIMEOUT_MS;
    try {
      while (!server.isReady && !server.hasExited) {
        signal.throwIfAborted();
        if (performance.now() > deadline) {
          throw new ServerFailure(
            `${binary.command} did not get ready within ${START_TIMEOUT_MS / 1000} s.`,
          );
        }
        await sleep(10);
      }
      if (!server.hasExited) return server;
      if (!server.isPortTaken) {
        throw new ServerFailure(`${binary.command} did not start: ${server.lastWords}.`);
      }
      if (options.port !== undefined) {
        throw new UsageError(
          `--server-port ${port} is taken. Give another one, or leave it out: then a free one is used.`,
        );
      }
      // Somebody took it between our look and the server's.
      if (attempt === PORT_ATTEMPTS) {
        throw new ServerFailure(`${binary.command} found no free port: ${server.lastWords}.`);
      }
    } catch (error) {
      await server.stop();
      throw error;
    }
  }
}

function start(binary: ServerBinary, port: number, options: LaunchOptions): LaunchedServer {
  const dir = join(options.folder, options.name);
  mkdirSync(dir, { recursive: true });
  const settings: Record<string, string> = {
    port: String(port),
    bind: '127.0.0.1',
    dir,
    save: '',
    appendonly: 'no',
    daemonize: 'no',
    // Neither log nor histograms of latencies: both are memory.
    'slowlog-log-slower-than': '-1',
    ...(hasLatencyTracking(binary) ? { 'latency-tracking': 'no' } : {}),
    // The allocator's thread sleeps until a time that, by the real clock, is long past: it would never sleep.
    ...(options.clock !== undefined && hasAllocatorThread(binary)
      ? { 'jemalloc-bg-thread': 'no' }
      : {}),
    ...options.settings,
  };
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
  const child = spawn(binary.command, args, {
    cwd: dir,
    env: { ...process.env, ...options.clock?.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own: Ctrl-C in the terminal is ours to handle, then the server is stopped.
    detached: true,
  });
  return new LaunchedServer(child, port, options.clock);
}

/** Whether the server keeps histograms of latencies, unless told not to. */
export const hasLatencyTracking = ({ flavour, version }: ServerBinary): boolean =>
  flavour === 'valkey' || atLeast(version, '7.0');

const hasAllocatorThread = ({ flavour, version }: ServerBinary): boolean =>
  flavour === 'valkey' || atLeast(version, '6.0');

/** A port of the loopback interface nobody listened on a moment ago. */
async function freePort(): Promise<number> {
  const probe = createServer();
  probe.listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
