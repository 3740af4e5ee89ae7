import { serverNamed } from '../servers/registry.ts';
import type { Cell } from './cell.ts';

/** Bytes of a cell's server that are not data: what it uses empty, and its clients, idle. */
export function baseBytesOf({
  server,
  allocator,
  startupMemoryBytes,
  clientMemoryBytes,
}: Pick<Cell, 'server' | 'allocator' | 'startupMemoryBytes' | 'clientMemoryBytes'>): number {
  const profile = serverNamed(server);
  const startup = startupMemoryBytes ?? profile.startupMemoryBytes(allocator);
  return startup + (clientMemoryBytes ?? profile.idleClientBytes(allocator));
}
