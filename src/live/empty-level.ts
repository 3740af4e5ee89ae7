import { INCR } from '../trace/operations.ts';
import type { Trace } from '../trace/trace.ts';
import type { ServerProfile } from '../servers/profile.ts';
import type { Commands } from './commands.ts';
import { ErrorReply, type Connection } from './connection.ts';
import { count, readInfo } from './info.ts';

const WARM_BATCHES = 20;
/** What a replay sends besides the trace once the empty level has been read. */
const COMMANDS_DURING_A_RUN = [['TIME'], ['DBSIZE'], ['INFO']];

/**
 * Brings the server's own memory to where the replay will have it: the client's query buffer as large as its batches
 * make it, and a latency histogram for every command used. Stores nothing.
 */
export async function warmUp(
  connection: Connection,
  commands: Commands,
  trace: Trace,
  pipeline: number,
  probeKey: string,
): Promise<void> {
  const rows = new Map<number, number>();
  for (let row = 0; row < trace.rows; row++)
    if (!rows.has(trace.ops[row])) rows.set(trace.ops[row], row);
  const once = [...rows.values()].map((row) => {
    const [name, , ...rest] = commands.of(row);
    return [name, probeKey, ...rest];
  });
  if (rows.has(INCR)) once.unshift(['DEL', probeKey]);
  await connection.batch([
    ...once,
    ['SET', probeKey, ''],
    ['DEL', probeKey],
    ['PING'],
    ...COMMANDS_DURING_A_RUN,
  ]);
  for (let batch = 0; batch < WARM_BATCHES; batch++) {
    const from = batch * pipeline;
    const to = Math.min(trace.rows, from + pipeline);
    const sets = [];
    // The probe key is gone: XX stores nothing.
    for (let row = from; row < to; row++) {
      const [name, , value] = commands.set(row);
      sets.push([name, probeKey, value, 'XX']);
    }
    await connection.batch(sets);
  }
}

/** `used_memory` as it is before the server builds its answer, which INFO counts in. */
export async function usedMemory(connection: Connection): Promise<number> {
  const [stats] = await connection.batch([['MEMORY', 'STATS']]);
  if (stats instanceof ErrorReply || !Array.isArray(stats)) {
    return count(await readInfo(connection), 'used_memory');
  }
  return Number(stats[stats.indexOf('total.allocated') + 1]);
}

/**
 * `used_memory` with nothing stored and this client as idle as profiles have it: its reply buffer of the smallest
 * size, which is where the engine counts from. Called when the keyspace is empty.
 */
export async function emptyLevel(connection: Connection, profile: ServerProfile): Promise<number> {
  // Twice: the first time these commands themselves get their histograms.
  let used = 0;
  let replyBufferBytes = profile.replyBuffer.largestBytes;
  for (let i = 0; i < 2; i++) {
    const [client] = await connection.batch([['CLIENT', 'INFO']]);
    const shown = typeof client === 'string' ? / rbs=(\d+)/.exec(client) : null;
    if (shown !== null) replyBufferBytes = Number(shown[1]);
    used = await usedMemory(connection);
  }
  return used - (replyBufferBytes - profile.replyBuffer.smallestBytes);
}
