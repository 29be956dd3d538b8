import { KeyholdError } from '../../contract/errors.ts';
import type { OtpAlgorithm } from '../../contract/totp.ts';

/** What a URI, a QR code or another authenticator's export says of one device. The seed is whose holds the entry to wipe. */
export interface OtpEntry {
  type: 'totp' | 'hotp';
  /** Empty where it is not said. */
  issuer: string;
  /** The account at the issuer; empty where it is not said. */
  label: string;
  algorithm: OtpAlgorithm;
  digits: number;
  /** Seconds; TOTP. */
  period: number;
  /** HOTP. */
  counter: number;
  seed: Uint8Array;
}

/** As another authenticator has it, before it is checked. */
export interface RawEntry {
  type: unknown;
  issuer: unknown;
  label: unknown;
  algorithm?: unknown;
  digits?: unknown;
  period?: unknown;
  counter?: unknown;
  seed: Uint8Array | null;
}

const LONGEST_TEXT = 128;
const SHORTEST_SEED = 8;
const LONGEST_SEED = 128;
const MOST_COUNTED = 2 ** 52;

/** Checks one entry; throws `InvalidInput` with a sentence that names what is wrong, never the seed, which is then wiped. */
export function checkEntry(raw: RawEntry): OtpEntry {
  try {
    const type = typeOf(raw.type);
    return {
      type,
      issuer: textOf(raw.issuer),
      label: textOf(raw.label),
      algorithm: algorithmOf(raw.algorithm ?? 'SHA1'),
      digits: integerOf(raw.digits ?? 6, 'A code has 6 to 8 digits', 6, 8),
      period: type === 'hotp' ? 0 : integerOf(raw.period ?? 30, 'A period has 1 to 3,600 seconds', 1, 3600),
      counter: type === 'totp' ? 0 : integerOf(raw.counter ?? 0, 'A counter is a whole number from 0', 0, MOST_COUNTED),
      seed: seedOf(raw.seed),
    };
  } catch (error) {
    raw.seed?.fill(0);
    throw error;
  }
}

export function wipeEntries(entries: readonly { entry: OtpEntry }[]): void {
  for (const { entry } of entries) entry.seed.fill(0);
}

export function otpFault(message: string): KeyholdError {
  return new KeyholdError('InvalidInput', message);
}

function typeOf(value: unknown): 'totp' | 'hotp' {
  const name = typeof value === 'string' ? value.toLowerCase() : '';
  if (name === 'totp' || name === 'hotp') return name;
  if (name === 'steam') {
    throw otpFault(
      'Steam Guard codes are letters made in Steam’s own way, which Keyhold does not do. Keep it in Steam’s app.',
    );
  }
  throw otpFault(
    `Codes of the kind ${name === '' ? 'that is given' : name.slice(0, 16)} are not known; Keyhold makes TOTP and HOTP.`,
  );
}

function algorithmOf(value: unknown): OtpAlgorithm {
  const name = typeof value === 'string' ? value.toUpperCase().replace(/^HMAC/, '').replace('-', '') : '';
  if (name === 'SHA1' || name === 'SHA256' || name === 'SHA512') return name;
  throw otpFault('The algorithm of a code is SHA1, SHA256 or SHA512.');
}

function integerOf(value: unknown, rule: string, least: number, most: number): number {
  const number = typeof value === 'string' && /^\d{1,16}$/.test(value) ? Number(value) : value;
  if (typeof number === 'number' && Number.isSafeInteger(number) && number >= least && number <= most) return number;
  throw otpFault(`${rule}.`);
}

/** What a person reads: without control characters, and no longer than the vault takes. */
function textOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value !== 'string') throw otpFault('Issuer and account are text.');
  return value
    .replaceAll(/\p{C}+/gu, ' ')
    .trim()
    .slice(0, LONGEST_TEXT)
    .replace(/[\uD800-\uDBFF]$/, '');
}

function seedOf(seed: Uint8Array | null): Uint8Array {
  if (seed === null)
    throw otpFault('The secret is not base32: letters A to Z and digits 2 to 7. Copy all of it again.');
  if (seed.length >= SHORTEST_SEED && seed.length <= LONGEST_SEED) return seed;
  throw otpFault(
    `The secret of a one-time code has ${SHORTEST_SEED} to ${LONGEST_SEED} bytes, this one ${seed.length}. Copy all of it again.`,
  );
}
