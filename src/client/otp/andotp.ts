import { openGcm, pbkdf2 } from './decrypt.ts';
import { otpFault, type RawEntry } from './entry.ts';
import { isJson, parseJson, secretOf } from './read-json.ts';

/** andOTP draws its own number of rounds between 140,000 and 160,000. */
const LEAST_ITERATIONS = 1000;
const MOST_ITERATIONS = 5_000_000;
const SALT_BYTES = 12;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEADER_BYTES = 4 + SALT_BYTES + NONCE_BYTES;

export function isAndOtp(json: unknown): json is unknown[] {
  return Array.isArray(json) && json.length > 0 && json.every((one) => isJson(one) && 'secret' in one && 'type' in one);
}

/** A binary file can only be one of andOTP's encrypted backups: u32 rounds, 12 bytes salt, 12 bytes nonce, AES-256-GCM. */
export function mayBeEncryptedAndOtp(bytes: Uint8Array): boolean {
  if (bytes.length < HEADER_BYTES + TAG_BYTES) return false;
  const iterations = iterationsOf(bytes);
  return iterations >= LEAST_ITERATIONS && iterations <= MOST_ITERATIONS;
}

export async function openAndOtp(bytes: Uint8Array, password: Uint8Array): Promise<RawEntry[]> {
  const salt = bytes.subarray(4, 4 + SALT_BYTES);
  const nonce = bytes.subarray(4 + SALT_BYTES, HEADER_BYTES);
  const key = await pbkdf2('SHA-1', password, salt, iterationsOf(bytes));
  try {
    const plain = await openGcm(key, nonce, bytes.subarray(HEADER_BYTES));
    try {
      const json = parseJson(plain);
      if (isAndOtp(json)) return readAndOtp(json);
      throw otpFault('This andOTP backup holds no entries that can be read. Export it again.');
    } finally {
      plain.fill(0);
    }
  } finally {
    key.fill(0);
  }
}

export function readAndOtp(entries: readonly unknown[]): RawEntry[] {
  return entries.filter(isJson).map((entry) => {
    const label = typeof entry['label'] === 'string' ? entry['label'] : '';
    const issuer = typeof entry['issuer'] === 'string' ? entry['issuer'] : '';
    const colon = label.indexOf(':');
    // Older versions wrote "Issuer:account" into the label.
    const split = issuer === '' && colon > 0;
    return {
      type: entry['type'],
      issuer: split ? label.slice(0, colon) : issuer,
      label: split ? label.slice(colon + 1) : label,
      algorithm: entry['algorithm'],
      digits: entry['digits'],
      period: entry['period'],
      counter: entry['counter'],
      seed: secretOf(entry['secret']),
    };
  });
}

function iterationsOf(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0);
}
