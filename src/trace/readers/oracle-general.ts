import { UsageError } from '../../errors.ts';
import { KeyInterner } from '../intern.ts';
import { GET } from '../operations.ts';
import { NO_TTL } from '../ttl.ts';
import type { TraceReader } from './reader.ts';

const RECORD_BYTES = 24;
const ID_OFFSET = 4;
const SIZE_OFFSET = 12;

/**
 * libCacheSim's binary trace: little-endian records of u32 seconds, u64 object id, u32 bytes, i64 next access (not
 * used: Belady finds its own future). Every record is a look-aside get, its size the value's. Records of size 0 are
 * left out, as libCacheSim does by default. Source: 1a1a11a/libCacheSim, traceReader/customizedReader/oracle.
 */
export const oracleGeneral: TraceReader = {
  name: 'oracleGeneral',
  summary: "libCacheSim's binary trace, 24 bytes a record; every record is a get. Plain or .gz.",
  suffixes: ['.oraclegeneral', '.oraclegeneral.bin'],
  async read(chunks, file, options, builder) {
    const keys = new KeyInterner();
    let carry: Buffer = Buffer.alloc(0);
    let totalBytes = 0;
    let withoutSize = 0;
    for await (const chunk of chunks) {
      totalBytes += chunk.length;
      const buffer = carry.length === 0 ? chunk : Buffer.concat([carry, chunk]);
      let pos = 0;
      for (; pos + RECORD_BYTES <= buffer.length; pos += RECORD_BYTES) {
        const size = buffer.readUInt32LE(pos + SIZE_OFFSET);
        if (size === 0) {
          withoutSize++;
          continue;
        }
        const key = keys.intern(buffer, pos + ID_OFFSET, pos + SIZE_OFFSET);
        builder.add(buffer.readUInt32LE(pos) * 1000, GET, key, size, NO_TTL);
      }
      carry = buffer.subarray(pos);
    }
    if (carry.length > 0) {
      throw new UsageError(
        `${file}: the record at byte ${totalBytes - carry.length} has ${carry.length} of ${RECORD_BYTES} bytes. ` +
          `The file is cut short, or not in this format.`,
      );
    }
    if (builder.rows === 0) {
      throw new UsageError(`${file}: no requests${withoutSize > 0 ? ' but such of size 0' : ''}.`);
    }
    if (withoutSize > 0) options.warn(`${file}: left out ${withoutSize} records of size 0.`);
    if (builder.timesGoneBack > 0) {
      options.warn(
        `${file}: time goes back in ${builder.timesGoneBack} of ${builder.rows} rows; ` +
          `each took the time of the row before it.`,
      );
    }
    return builder.finish({ count: keys.size, bytesOf: () => options.keyBytes });
  },
};
