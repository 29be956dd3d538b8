import { fromBase32 } from '../../contract/base32.ts';
import { checkEntry, type OtpEntry, otpFault } from './entry.ts';

const LONGEST_URI = 4096;
const PARAMETERS = new Set([
  'secret',
  'issuer',
  'algorithm',
  'digits',
  'period',
  'counter',
  'image',
  'lock',
  'color',
  'icon',
]);
const utf8 = new TextEncoder();

/**
 * An `otpauth://` URI (Google's Key URI format). Strict about all that decides the codes: a parameter that comes twice or that is not known is refused, and so are two
 * issuers that differ, because one of them was put there by somebody else. Throws `InvalidInput`.
 */
export function parseOtpauth(text: string): OtpEntry {
  const uri = text.trim();
  if (uri.length > LONGEST_URI) throw otpFault('This otpauth:// address is too long to be one.');
  const parts = /^otpauth:\/\/([^/?#]*)\/([^?#]*)\?([^#]*)$/i.exec(uri);
  if (parts === null) {
    throw otpFault('An address of a one-time code looks like otpauth://totp/Issuer:account?secret=…. Copy all of it.');
  }
  const [, type = '', path = '', query = ''] = parts;
  const parameters = parametersOf(query);
  const { prefix, label } = labelOf(decode(path, 'the label'));
  const named = parameters.get('issuer');
  if (prefix !== undefined && named !== undefined && fold(prefix) !== fold(named)) {
    throw otpFault(
      `This address names two issuers, ${prefix.slice(0, 40)} and ${named.slice(0, 40)}. Ask whoever gave it to you which is meant.`,
    );
  }
  const secret = parameters.get('secret');
  if (secret === undefined) throw otpFault('This address has no secret. Copy all of it.');
  const ascii = utf8.encode(secret);
  const seed = fromBase32(ascii);
  ascii.fill(0);
  if (type.toLowerCase() === 'hotp' && !parameters.has('counter')) {
    seed?.fill(0);
    throw otpFault('Codes by counter need the counter in their address. Ask the issuer for a new one.');
  }
  return checkEntry({
    type,
    issuer: named ?? prefix ?? '',
    label,
    algorithm: parameters.get('algorithm'),
    digits: parameters.get('digits'),
    period: parameters.get('period'),
    counter: parameters.get('counter'),
    seed,
  });
}

function parametersOf(query: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const pair of query.split('&')) {
    if (pair === '') continue;
    const at = pair.indexOf('=');
    const name = (at === -1 ? pair : pair.slice(0, at)).toLowerCase();
    if (!PARAMETERS.has(name)) {
      throw otpFault(
        `The parameter ${name.replaceAll(/[^\w-]/g, '?').slice(0, 24)} of this address is not known, so its codes might be wrong.`,
      );
    }
    if (found.has(name))
      throw otpFault(`The parameter ${name} comes twice in this address, so it is not clear which counts.`);
    // A plus is a space in forms alone; issuers that mean one write %20.
    found.set(name, decode(at === -1 ? '' : pair.slice(at + 1), name));
  }
  return found;
}

/** `Issuer:account`, `Issuer:%20account` or `account`. */
function labelOf(text: string): { prefix: string | undefined; label: string } {
  const at = text.indexOf(':');
  return at === -1
    ? { prefix: undefined, label: text }
    : { prefix: text.slice(0, at).trim(), label: text.slice(at + 1).trim() };
}

function decode(text: string, what: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw otpFault(`The percent signs in ${what} of this address do not fit together. Copy all of it again.`);
  }
}

function fold(text: string): string {
  return text.normalize('NFC').trim().toLowerCase().replaceAll('+', ' ');
}

/** The address of an entry, for an export; made of ASCII bytes, so that the seed is in no string. */
export function printOtpauth(entry: Omit<OtpEntry, 'seed'>, base32: Uint8Array): Uint8Array {
  const label = encodeURIComponent(entry.label === '' ? 'account' : entry.label);
  const path = entry.issuer === '' ? label : `${encodeURIComponent(entry.issuer)}:${label}`;
  const issuer = entry.issuer === '' ? '' : `&issuer=${encodeURIComponent(entry.issuer)}`;
  const last = entry.type === 'totp' ? `&period=${entry.period}` : `&counter=${entry.counter}`;
  const before = utf8.encode(`otpauth://${entry.type}/${path}?secret=`);
  const after = utf8.encode(`${issuer}&algorithm=${entry.algorithm}&digits=${entry.digits}${last}`);
  const bytes = new Uint8Array(before.length + base32.length + after.length);
  bytes.set(before);
  bytes.set(base32, before.length);
  bytes.set(after, before.length + base32.length);
  return bytes;
}
