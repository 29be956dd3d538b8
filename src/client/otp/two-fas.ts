import { fromBase64 } from '../base64.ts';
import { openGcm, pbkdf2 } from './decrypt.ts';
import { otpFault, type RawEntry } from './entry.ts';
import { isJson, type Json, parseJson, secretOf } from './read-json.ts';

const ITERATIONS = 10_000;

export function isTwoFas(json: Json): boolean {
  return 'schemaVersion' in json && ('services' in json || 'servicesEncrypted' in json);
}

export function isEncryptedTwoFas(json: Json): boolean {
  return typeof json['servicesEncrypted'] === 'string' && json['servicesEncrypted'] !== '';
}

/** Entries of a backup of 2FAS, plain or encrypted (`ciphertext:salt:nonce` in base64, PBKDF2-HMAC-SHA-256, AES-256-GCM). */
export async function readTwoFas(json: Json, password: Uint8Array | undefined): Promise<RawEntry[]> {
  if (!isEncryptedTwoFas(json)) return entriesOf(json['services']);
  const [ciphertext, salt, nonce] = String(json['servicesEncrypted']).split(':').map(bytesOf);
  if (ciphertext === undefined || salt === undefined || nonce === undefined || password === undefined) throw damaged();
  const key = await pbkdf2('SHA-256', password, salt, ITERATIONS);
  try {
    const plain = await openGcm(key, nonce, ciphertext);
    try {
      return entriesOf(parseJson(plain));
    } finally {
      plain.fill(0);
    }
  } finally {
    key.fill(0);
  }
}

function entriesOf(services: unknown): RawEntry[] {
  if (!Array.isArray(services)) throw damaged();
  return services.filter(isJson).map((service) => {
    const otp = isJson(service['otp']) ? service['otp'] : {};
    const type = otp['tokenType'] ?? 'TOTP';
    return {
      type,
      issuer: otp['issuer'] ?? service['name'],
      label: otp['account'] ?? otp['label'],
      algorithm: otp['algorithm'],
      digits: otp['digits'],
      period: otp['period'],
      counter: otp['counter'],
      seed: secretOf(service['secret']),
    };
  });
}

function bytesOf(text: string): Uint8Array {
  try {
    return fromBase64(text);
  } catch {
    throw damaged();
  }
}

function damaged() {
  return otpFault('This 2FAS backup is damaged or cut off. Export it again.');
}
