/** A 64-bit word as two halves, each taken modulo 2^32. */
interface Word {
  high: number;
  low: number;
}

/**
 * SipHash with `compressions` rounds per 8 bytes of the message and `finalizations` at the end (Aumasson and Bernstein,
 * 2012): 64 bits, as a number for its low half and one for its high half. `key`: 16 bytes.
 */
export function sipHash(
  message: Uint8Array,
  key: Uint8Array,
  compressions: number,
  finalizations: number,
): Word {
  const keys = new DataView(key.buffer, key.byteOffset, key.byteLength);
  const k0 = wordAt(keys, 0);
  const k1 = wordAt(keys, 8);
  // "somepseudorandomlygeneratedbytes"
  const v0 = xor(k0, { high: 0x736f6d65, low: 0x70736575 });
  const v1 = xor(k1, { high: 0x646f7261, low: 0x6e646f6d });
  const v2 = xor(k0, { high: 0x6c796765, low: 0x6e657261 });
  const v3 = xor(k1, { high: 0x74656462, low: 0x79746573 });
  const rounds = (count: number): void => {
    for (let i = 0; i < count; i++) round(v0, v1, v2, v3);
  };
  // The last word is what is left of the message and, in its highest byte, the length.
  const padded = new Uint8Array((Math.floor(message.length / 8) + 1) * 8);
  padded.set(message);
  padded[padded.length - 1] = message.length;
  const words = new DataView(padded.buffer);
  for (let at = 0; at < padded.length; at += 8) {
    const word = wordAt(words, at);
    assign(v3, xor(v3, word));
    rounds(compressions);
    assign(v0, xor(v0, word));
  }
  v2.low ^= 0xff;
  rounds(finalizations);
  const { high, low } = xor(xor(v0, v1), xor(v2, v3));
  return { high: high >>> 0, low: low >>> 0 };
}

function round(v0: Word, v1: Word, v2: Word, v3: Word): void {
  add(v0, v1);
  rotate(v1, 13);
  assign(v1, xor(v1, v0));
  rotate(v0, 32);
  add(v2, v3);
  rotate(v3, 16);
  assign(v3, xor(v3, v2));
  add(v0, v3);
  rotate(v3, 21);
  assign(v3, xor(v3, v0));
  add(v2, v1);
  rotate(v1, 17);
  assign(v1, xor(v1, v2));
  rotate(v2, 32);
}

function wordAt(bytes: DataView, at: number): Word {
  return { low: bytes.getUint32(at, true), high: bytes.getUint32(at + 4, true) };
}

function assign(word: Word, { high, low }: Word): void {
  word.high = high;
  word.low = low;
}

function xor(a: Word, b: Word): Word {
  return { high: a.high ^ b.high, low: a.low ^ b.low };
}

function add(word: Word, other: Word): void {
  const low = (word.low >>> 0) + (other.low >>> 0);
  word.high = (word.high + other.high + (low > 0xffff_ffff ? 1 : 0)) | 0;
  word.low = low | 0;
}

/** To the left, by 1 to 32 bits. */
function rotate(word: Word, bits: number): void {
  const { high, low } = word;
  if (bits === 32) {
    word.high = low;
    word.low = high;
    return;
  }
  word.high = (high << bits) | (low >>> (32 - bits));
  word.low = (low << bits) | (high >>> (32 - bits));
}
