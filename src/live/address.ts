import { readFileSync } from 'node:fs';
import { fileTrouble, UsageError } from '../errors.ts';

/** TLS files, as paths. */
export interface TlsFiles {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** Where a server is and who we are to it. */
export interface Address {
  readonly socket:
    | { readonly path: string }
    | { readonly host: string; readonly port: number; readonly tls: boolean };
  readonly tls: Readonly<Partial<Record<'ca' | 'cert' | 'key', Buffer>>>;
  readonly username?: string;
  readonly password?: string;
  readonly database: number;
  /** For messages: without the password. */
  readonly shown: string;
}

const EXAMPLES =
  'redis://user:password@host:6379/0, rediss://host:6379 (TLS) or unix:///path/to/socket?db=0';

/**
 * Reads `redis://`, `rediss://` and `unix://`. A password that isn't in the URL comes from `defaultPassword`. Throws
 * UsageError naming `what`.
 */
export function parseAddress(
  text: string,
  files: TlsFiles = {},
  defaultPassword?: string,
  what = '--url',
): Address {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const scheme = url?.protocol ?? '';
  if (url === undefined || !['redis:', 'rediss:', 'unix:'].includes(scheme)) {
    throw new UsageError(`${what}: "${withoutPassword(text)}" is not one of ${EXAMPLES}.`);
  }
  const isUnix = scheme === 'unix:';
  const isTls = scheme === 'rediss:';
  if (!isTls && Object.keys(files).length > 0) {
    throw new UsageError(
      '--tls-ca, --tls-cert and --tls-key need an address that starts with rediss://.',
    );
  }
  const db = isUnix ? (url.searchParams.get('db') ?? '') : url.pathname.replace(/^\//, '');
  if (!/^\d*$/.test(db)) {
    throw new UsageError(
      `${what}: "${db}" is not the number of a database. Examples: ${EXAMPLES}.`,
    );
  }
  if (isUnix && !/^\/./.test(url.pathname)) {
    throw new UsageError(
      `${what}: a unix:// URL needs the path of a socket: unix:///path/to/socket.`,
    );
  }
  const decode = (part: string): string => decodeURIComponent(part);
  const password = url.password === '' ? defaultPassword : decode(url.password);
  return {
    socket: isUnix
      ? { path: decode(url.pathname) }
      : {
          host: url.hostname === '' ? 'localhost' : url.hostname.replace(/^\[|\]$/g, ''),
          port: url.port === '' ? 6379 : Number(url.port),
          tls: isTls,
        },
    tls: readFiles(files),
    ...(url.username === '' ? {} : { username: decode(url.username) }),
    ...(password === undefined ? {} : { password }),
    database: Number(db),
    shown: withoutPassword(text),
  };
}

/** The address of a server on this machine that wants no password. */
export function loopback(port: number): Address {
  return {
    socket: { host: '127.0.0.1', port, tls: false },
    tls: {},
    database: 0,
    shown: `127.0.0.1:${port}`,
  };
}

const withoutPassword = (url: string): string => url.replace(/(\/\/[^/@:]*):[^/]*@/, '$1:***@');

function readFiles(files: TlsFiles): Address['tls'] {
  const entries = Object.entries(files) as [keyof TlsFiles, string][];
  return Object.fromEntries(
    entries.map(([kind, file]) => {
      try {
        return [kind, readFileSync(file)];
      } catch (error) {
        throw new UsageError(`--tls-${kind} ${file}: ${fileTrouble(error)}.`, {
          cause: error,
        });
      }
    }),
  );
}
