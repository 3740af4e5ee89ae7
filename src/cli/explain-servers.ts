import type { Sweep } from '../replay/plan.ts';
import { explainServer, findServer } from '../servers/find-server.ts';
import type { Console } from './console.ts';

/** Says which profile and allocator every name stands for that is no profile's own. Throws UsageError for others. */
export function explainServers(
  { servers, allocator }: Pick<Sweep, 'servers' | 'allocator'>,
  { note, warn }: Console,
): void {
  for (const name of servers) {
    const found = findServer(name);
    const line = explainServer(name, found, allocator);
    if (line !== undefined) (found.exact ? note : warn)(line);
  }
}
