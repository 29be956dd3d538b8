import { createCipheriv, createDecipheriv } from 'node:crypto';

/** What somebody can do who has a KEK and may write the file: GCM's tag commits to no key and no content (NIST SP 800-38D, section 6.4). */

const R = 0xe1n << 120n;
const PAYLOAD_AT = 77;
const TAG_BYTES = 16;
const BLOCK = 16;

const toInt = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
const toBlock = (number: bigint): Buffer => Buffer.from(number.toString(16).padStart(32, '0'), 'hex');

function multiply(x: bigint, y: bigint): bigint {
  let [z, v] = [0n, y];
  for (let bit = 127n; bit >= 0n; bit--) {
    if (((x >> bit) & 1n) === 1n) z ^= v;
    v = (v & 1n) === 1n ? (v >> 1n) ^ R : v >> 1n;
  }
  return z;
}

/** x to the power of 2^128 − 2. */
function inverse(x: bigint): bigint {
  let [result, square] = [1n << 127n, x];
  for (let bit = 1; bit < 128; bit++) {
    square = multiply(square, square);
    result = multiply(result, square);
  }
  return result;
}

export interface Row {
  id: string;
  kind: string;
  version: number;
  sealed: Uint8Array;
}

/** Another content under this KEK for the same record, whose last 16 bytes are `tag`. */
export function forgeRecord(
  row: Row,
  tag: Uint8Array,
  { vaultId, kek }: { vaultId: Buffer; kek: { id: number; key: Buffer } },
): Buffer {
  const number = Buffer.alloc(8);
  number.writeBigUInt64BE(BigInt(row.version));
  const kind = Buffer.alloc(4);
  kind.writeUInt32BE(row.kind.length);
  const context = Buffer.concat([vaultId, kind, Buffer.from(row.kind), Buffer.from(row.id, 'hex'), number]);
  const head = Buffer.from([1, 0, 0, 0, 0]);
  head.writeUInt32BE(kek.id, 1);
  const dek = Buffer.alloc(32, 7);
  const seal = (key: Buffer, nonce: Buffer, aad: Buffer, plaintext: Uint8Array) => {
    const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(aad);
    return Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
  };
  const wrapped = seal(
    kek.key,
    Buffer.alloc(12, 1),
    Buffer.concat([Buffer.from('keyhold/v1/dek'), context, head]),
    dek,
  );
  const start = Buffer.concat([head, Buffer.alloc(12, 1), wrapped]);
  const nonce = Buffer.alloc(12, 2);
  const aad = Buffer.concat([Buffer.from('keyhold/v1/record'), context, start]);
  // As long as before, but in whole blocks: the last of them decides.
  const length = Math.ceil((row.sealed.length - PAYLOAD_AT - TAG_BYTES) / BLOCK) * BLOCK;
  const payload = seal(dek, nonce, aad, Buffer.alloc(length, 'forged '));
  const key = toInt(createCipheriv('aes-256-ecb', dek, null).setAutoPadding(false).update(Buffer.alloc(BLOCK)));
  const wrong = toInt(payload.subarray(-TAG_BYTES)) ^ toInt(tag);
  // The last block of the ciphertext is multiplied twice: with the one of the lengths, and at the end.
  const change = multiply(wrong, inverse(multiply(key, key)));
  const last = length - BLOCK;
  payload.set(toBlock(toInt(payload.subarray(last, last + BLOCK)) ^ change), last);
  payload.set(tag, length);
  const sealed = Buffer.concat([start, nonce, payload]);
  const opened = createDecipheriv('aes-256-gcm', dek, nonce).setAAD(aad).setAuthTag(Buffer.from(tag));
  opened.update(payload.subarray(0, length));
  opened.final();
  return sealed;
}
