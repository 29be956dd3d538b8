import { scryptAsync } from '@noble/hashes/scrypt.js';
import { KeyholdError } from '../../contract/errors.ts';
import { fromBase64 } from '../base64.ts';
import { fromHex, openGcm } from './decrypt.ts';
import { otpFault, type RawEntry } from './entry.ts';
import { isJson, type Json, parseJson, secretOf } from './read-json.ts';

const KEY_BYTES = 32;
const PASSWORD_SLOT = 1;
/** Aegis writes N = 2^15, r = 8, p = 1; a file that asks for far more only wants to keep this process busy. */
const MOST_N = 2 ** 20;
const MOST_SCRYPT_MEMORY = 1024 ** 3;

export function isAegis(json: Json): boolean {
  return isJson(json['header']) && 'db' in json && 'version' in json;
}

export function isEncryptedAegis(json: Json): boolean {
  return typeof json['db'] === 'string';
}

/** Entries of Aegis's vault file, plain or encrypted (its documentation, docs/vault.md). */
export async function readAegis(json: Json, password: Uint8Array | undefined): Promise<RawEntry[]> {
  if (json['version'] !== 1)
    throw otpFault('This file is of a newer Aegis than Keyhold knows. Export a plain otpauth:// list instead.');
  const { db } = json;
  if (typeof db !== 'string') return entriesOf(db);
  const header = json['header'];
  if (!isJson(header) || password === undefined) throw damaged();
  const master = await openMasterKey(header, password);
  try {
    const plain = await openParams(master, header['params'], fromBase64Strict(db));
    try {
      return entriesOf(parseJson(plain));
    } finally {
      plain.fill(0);
    }
  } finally {
    master.fill(0);
  }
}

async function openMasterKey(header: Json, password: Uint8Array): Promise<Uint8Array> {
  const slots = Array.isArray(header['slots']) ? header['slots'].filter(isJson) : [];
  const usable = slots.filter((slot) => slot['type'] === PASSWORD_SLOT).slice(0, 8);
  if (usable.length === 0)
    throw otpFault('This Aegis file opens with no password. Export it again with one, or as a plain file.');
  for (const slot of usable) {
    const key = await derive(slot, password);
    try {
      return await openParams(key, slot['key_params'], required(fromHex(slot['key'])));
    } catch (error) {
      if (!(error instanceof KeyholdError) || error.code !== 'WrongSecret') throw error;
    } finally {
      key.fill(0);
    }
  }
  throw new KeyholdError('WrongSecret', 'The password does not open this file. Try again.');
}

async function derive(slot: Json, password: Uint8Array): Promise<Uint8Array> {
  const { n, r, p } = slot;
  const sane =
    typeof n === 'number' &&
    typeof r === 'number' &&
    typeof p === 'number' &&
    n >= 2 &&
    n <= MOST_N &&
    Number.isInteger(Math.log2(n)) &&
    r >= 1 &&
    r <= 32 &&
    p >= 1 &&
    p <= 4 &&
    128 * n * r <= MOST_SCRYPT_MEMORY;
  if (!sane) throw damaged();
  return scryptAsync(password, required(fromHex(slot['salt'])), {
    N: n,
    r,
    p,
    dkLen: KEY_BYTES,
    maxmem: MOST_SCRYPT_MEMORY * 2,
  });
}

async function openParams(key: Uint8Array, params: unknown, ciphertext: Uint8Array): Promise<Uint8Array> {
  if (!isJson(params)) throw damaged();
  const nonce = required(fromHex(params['nonce']));
  const tag = required(fromHex(params['tag']));
  const whole = new Uint8Array(ciphertext.length + tag.length);
  whole.set(ciphertext);
  whole.set(tag, ciphertext.length);
  return openGcm(key, nonce, whole);
}

function entriesOf(db: unknown): RawEntry[] {
  if (!isJson(db) || !Array.isArray(db['entries'])) throw damaged();
  return db['entries'].filter(isJson).map((entry) => {
    const info = isJson(entry['info']) ? entry['info'] : {};
    return {
      type: entry['type'],
      issuer: entry['issuer'],
      label: entry['name'],
      algorithm: info['algo'],
      digits: info['digits'],
      period: info['period'],
      counter: info['counter'],
      seed: secretOf(info['secret']),
    };
  });
}

function fromBase64Strict(text: string): Uint8Array {
  try {
    return fromBase64(text);
  } catch {
    throw damaged();
  }
}

function required(bytes: Uint8Array | null): Uint8Array {
  if (bytes === null) throw damaged();
  return bytes;
}

function damaged(): KeyholdError {
  return otpFault('This Aegis file is damaged or cut off. Export it again.');
}
