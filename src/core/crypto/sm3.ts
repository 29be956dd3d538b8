/** SM3 (GB/T 32905-2016, GM/T 0004-2012): node:crypto has it from OpenSSL, but BoringSSL does not. */

const BLOCK_BYTES = 64;
const DIGEST_BYTES = 32;
const LENGTH_BYTES = 8;
const ROUNDS = 64;
/** From here on the rounds use the second constant and the second pair of functions (section 4.2 and 4.3). */
const LATE = 16;
const EXPANDED = 68;
const INITIAL = [
  0x7380166f, 0x4914b2b9, 0x172442d7, 0xda8a0600, 0xa96f30bc, 0x163138aa, 0xe38dee4d, 0xb0fb0e4e,
] as const;
const EARLY_CONSTANT = 0x79cc4519;
const LATE_CONSTANT = 0x7a879d8a;

/** The hash of the parts in order: 32 bytes. */
export function sm3(...parts: readonly Uint8Array[]): Uint8Array {
  const padded = pad(parts);
  const state = Uint32Array.from(INITIAL);
  const words = new Uint32Array(EXPANDED);
  const view = new DataView(padded.buffer);
  for (let at = 0; at < padded.length; at += BLOCK_BYTES) compress(state, words, view, at);
  // What is hashed may be a secret.
  padded.fill(0);
  words.fill(0);
  const digest = new Uint8Array(DIGEST_BYTES);
  const out = new DataView(digest.buffer);
  for (const [index, word] of state.entries()) out.setUint32(index * 4, word);
  return digest;
}

/** Section 5.2: a one bit, zeros, and the length in bits. */
function pad(parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const blocks = Math.ceil((length + 1 + LENGTH_BYTES) / BLOCK_BYTES);
  const padded = new Uint8Array(blocks * BLOCK_BYTES);
  let at = 0;
  for (const part of parts) {
    padded.set(part, at);
    at += part.length;
  }
  padded[length] = 0x80;
  new DataView(padded.buffer).setBigUint64(padded.length - LENGTH_BYTES, BigInt(length) * 8n);
  return padded;
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

/** P₀ and P₁ of section 4.4. */
function permute0(word: number): number {
  return word ^ rotate(word, 9) ^ rotate(word, 17);
}

function permute1(word: number): number {
  return word ^ rotate(word, 15) ^ rotate(word, 23);
}

/** Section 5.3. `words` is room for the expanded message. */
function compress(state: Uint32Array, words: Uint32Array, block: DataView, at: number): void {
  const word = (index: number): number => words[index] ?? 0;
  for (let index = 0; index < LATE; index += 1) words[index] = block.getUint32(at + index * 4);
  for (let index = LATE; index < EXPANDED; index += 1) {
    words[index] =
      permute1(word(index - 16) ^ word(index - 9) ^ rotate(word(index - 3), 15)) ^
      rotate(word(index - 13), 7) ^
      word(index - 6);
  }
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state;
  for (let round = 0; round < ROUNDS; round += 1) {
    const late = round >= LATE;
    const constant = rotate(late ? LATE_CONSTANT : EARLY_CONSTANT, round % 32);
    const first = rotate((rotate(a, 12) + e + constant) | 0, 7);
    const second = first ^ rotate(a, 12);
    const majority = late ? (a & b) | (a & c) | (b & c) : a ^ b ^ c;
    const choice = late ? (e & f) | (~e & g) : e ^ f ^ g;
    const left = (majority + d + second + (word(round) ^ word(round + 4))) | 0;
    const right = (choice + h + first + word(round)) | 0;
    [d, c, b, a] = [c, rotate(b, 9), a, left];
    [h, g, f, e] = [g, rotate(f, 19), e, permute0(right)];
  }
  for (const [index, value] of [a, b, c, d, e, f, g, h].entries()) state[index] = (state[index] ?? 0) ^ value;
}
