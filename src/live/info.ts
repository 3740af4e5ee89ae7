import type { Connection } from './connection.ts';

/** The fields of INFO. */
export type Info = ReadonlyMap<string, string>;

export async function readInfo(connection: Connection): Promise<Info> {
  const text = await connection.ask('INFO');
  const fields = typeof text === 'string' ? text.matchAll(/^([\w-]+):(.*?)\r?$/gm) : [];
  return new Map([...fields].map((match): [string, string] => [match[1], match[2]]));
}

/** A field that counts something; 0 where a version lacks it. */
export const count = (info: Info, field: string): number => Number(info.get(field) ?? 0);
