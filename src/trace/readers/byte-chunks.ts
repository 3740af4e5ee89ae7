import { open } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { FILE_TROUBLES, UsageError } from '../../errors.ts';

const CHUNK_BYTES = 256 * 1024;

/**
 * The bytes of a file, decompressed when it starts as gzip does, whatever its name. Throws UsageError when it can't be
 * opened, is a folder, is compressed otherwise, or when its gzip data are broken or cut short; the signal's reason when
 * it is given up.
 */
export async function* byteChunks(file: string, signal?: AbortSignal): AsyncGenerator<Buffer> {
  let handle;
  try {
    handle = await open(file);
    const head = Buffer.alloc(4);
    await handle.read(head, 0, 4, 0);
    if (head.readUInt32LE(0) === 0xfd2fb528) {
      throw new UsageError(`${file}: compressed with zstd. Decompress it first: zstd -d ${file}`);
    }
    const raw = handle.createReadStream({ start: 0, highWaterMark: CHUNK_BYTES, signal });
    if (head[0] !== 0x1f || head[1] !== 0x8b) {
      yield* raw as AsyncIterable<Buffer>;
      return;
    }
    const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
    raw.on('error', (error) => gunzip.destroy(error));
    yield* raw.pipe(gunzip) as AsyncIterable<Buffer>;
  } catch (error) {
    throw readable(file, error);
  } finally {
    await handle?.close();
  }
}

const REASONS: Readonly<Partial<Record<string, string>>> = {
  ...FILE_TROUBLES,
  Z_BUF_ERROR: 'the gzip data end too early: the file is cut short. Copy it again',
  Z_DATA_ERROR: 'the gzip data are damaged. Copy it again',
};

function readable(file: string, error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const reason = REASONS[code];
  return reason === undefined ? error : new UsageError(`${file}: ${reason}.`, { cause: error });
}
