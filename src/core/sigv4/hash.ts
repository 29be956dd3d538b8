import { createHmac, hash, timingSafeEqual } from 'node:crypto';
import type { Charset } from './types.ts';

// HMAC (RFC 2104) as two one-shot hashes. `createHmac` sets up a key and a context for each call, which costs far more than
// hashing the few blocks of a string to sign.
const BLOCK = 64;
const MAX_FAST_MESSAGE = 512;
const inner = Buffer.alloc(BLOCK + MAX_FAST_MESSAGE * 3);
const outer = Buffer.alloc(BLOCK + 32);
const left = Buffer.alloc(128);
const right = Buffer.alloc(128);

/** SHA-256 in hex. Text is hashed as UTF-8. */
export function sha256Hex(data: string | Uint8Array): string {
  return hash('sha256', data, 'hex');
}

/** SHA-256 in hex of a request's text, with each character taken for what `charset` says it is. */
export function sha256TextHex(text: string, charset: Charset): string {
  return hash('sha256', charset === 'utf8' ? text : Buffer.from(text, 'latin1'), 'hex');
}

function loadPads(key: Uint8Array): void {
  for (let i = 0; i < key.length; i++) {
    const byte = key[i] ?? 0;
    inner[i] = byte ^ 0x36;
    outer[i] = byte ^ 0x5c;
  }
  inner.fill(0x36, key.length, BLOCK);
  outer.fill(0x5c, key.length, BLOCK);
}

function wipePads(): void {
  inner.fill(0, 0, BLOCK);
  outer.fill(0);
}

/** HMAC-SHA256 in hex of text (UTF-8). */
export function hmacSha256Hex(key: Uint8Array, message: string): string {
  if (key.length > BLOCK || message.length > MAX_FAST_MESSAGE) {
    return createHmac('sha256', key).update(message, 'utf8').digest('hex');
  }
  loadPads(key);
  const end = BLOCK + inner.write(message, BLOCK, 'utf8');
  outer.write(hash('sha256', inner.subarray(0, end), 'hex'), BLOCK, 'hex');
  const mac = hash('sha256', outer, 'hex');
  wipePads();
  return mac;
}

/** Compares two hex signatures of 64 digits in constant time. Anything of another length is unequal. */
export function sameSignature(expected: string, given: string): boolean {
  if (expected.length !== 64 || given.length !== 64) return false;
  // UTF-16, so that no character is cut down to another.
  left.write(expected, 0, 'utf16le');
  right.write(given, 0, 'utf16le');
  return timingSafeEqual(left, right);
}
