import { KeyholdError } from '../../contract/errors.ts';
import { isAegis, isEncryptedAegis, readAegis } from './aegis.ts';
import { isAndOtp, mayBeEncryptedAndOtp, openAndOtp, readAndOtp } from './andotp.ts';
import { checkEntry, type OtpEntry, otpFault, type RawEntry, wipeEntries } from './entry.ts';
import { isMigration, type MigrationPart, parseMigration } from './google-migration.ts';
import { parseOtpauth } from './parse-otpauth.ts';
import { isJson, parseJson } from './read-json.ts';
import { isEncryptedTwoFas, isTwoFas, readTwoFas } from './two-fas.ts';

export interface OtpImport {
  /** `Aegis`, `andOTP`, `2FAS`, `Google Authenticator`, `otpauth`. */
  source: string;
  entries: { entry: OtpEntry }[];
  /** What is not taken over, and why; `where` as a person finds it. */
  problems: { where: string; message: string }[];
}

const LONGEST_FILE = 8 * 1024 * 1024;
const MOST_ENTRIES = 2000;

/** Whether `readImport` needs the file's password. */
export function needsPassword(bytes: Uint8Array): boolean {
  const json = parseJson(bytes);
  if (json === undefined) return !isText(bytes) && mayBeEncryptedAndOtp(bytes);
  return isJson(json) && ((isAegis(json) && isEncryptedAegis(json)) || (isTwoFas(json) && isEncryptedTwoFas(json)));
}

/**
 * What another authenticator has exported: Aegis, andOTP, 2FAS (each plain or encrypted), Google Authenticator's migration addresses or a list of otpauth:// addresses.
 * Entries that cannot be taken over do not keep the others out. The seeds are the caller's to wipe (`wipeEntries`).
 * @throws InvalidInput for a file of no known kind, WrongSecret for a password that does not open it
 */
export async function readImport(bytes: Uint8Array, password?: Uint8Array): Promise<OtpImport> {
  if (bytes.length > LONGEST_FILE) throw otpFault('This file is too large to be an authenticator’s export.');
  const json = parseJson(bytes);
  if (json === undefined && !isText(bytes) && mayBeEncryptedAndOtp(bytes)) {
    return checked('andOTP', await openAndOtp(bytes, given(password)));
  }
  if (isJson(json) && isAegis(json)) {
    return checked('Aegis', await readAegis(json, isEncryptedAegis(json) ? given(password) : undefined));
  }
  if (isJson(json) && isTwoFas(json)) {
    return checked('2FAS', await readTwoFas(json, isEncryptedTwoFas(json) ? given(password) : undefined));
  }
  if (isAndOtp(json)) return checked('andOTP', readAndOtp(json));
  if (json === undefined && isText(bytes)) {
    const text = new TextDecoder().decode(bytes);
    if (/otpauth(-migration)?:\/\//i.test(text)) return readOtpauthLines(text.split(/\r?\n/));
  }
  throw otpFault(
    'This is no export that Keyhold knows. It reads Aegis, andOTP and 2FAS files, Google Authenticator’s QR codes and lists of otpauth:// addresses.',
  );
}

/** One address a line: otpauth:// or otpauth-migration://. Empty lines and lines that begin with # are passed over. */
export function readOtpauthLines(lines: readonly string[]): OtpImport {
  const found: OtpImport = { source: 'otpauth', entries: [], problems: [] };
  const parts: MigrationPart[] = [];
  for (const [index, line] of lines.entries()) {
    const text = line.trim();
    if (text === '' || text.startsWith('#')) continue;
    const where = `line ${index + 1}`;
    try {
      if (isMigration(text)) {
        const part = parseMigration(text);
        parts.push(part);
        found.entries.push(...part.entries);
        found.problems.push(...part.problems.map((message) => ({ where, message })));
      } else found.entries.push({ entry: parseOtpauth(text) });
    } catch (error) {
      found.problems.push({ where, message: messageOf(error) });
    }
  }
  if (parts.length > 0) {
    found.source = 'Google Authenticator';
    found.problems.push(...missingParts(parts));
  }
  return found;
}

/** Google spreads many entries over several codes; one that was not scanned is easily overlooked. */
function missingParts(parts: readonly MigrationPart[]): OtpImport['problems'] {
  const batches = new Map<number, { size: number; seen: Set<number> }>();
  for (const { batch } of parts) {
    const one = batches.get(batch.id) ?? { size: batch.size, seen: new Set<number>() };
    one.seen.add(batch.index);
    batches.set(batch.id, one);
  }
  return [...batches.values()].flatMap(({ size, seen }) => {
    if (seen.size >= size) return [];
    const message = `${seen.size} of ${size} QR codes of this export are here. Scan the others too.`;
    return [{ where: 'the export', message }];
  });
}

function checked(source: string, raws: readonly RawEntry[]): OtpImport {
  const found: OtpImport = { source, entries: [], problems: [] };
  if (raws.length > MOST_ENTRIES) throw otpFault(`This file has more than ${MOST_ENTRIES} entries.`);
  for (const [index, raw] of raws.entries()) {
    try {
      found.entries.push({ entry: checkEntry(raw) });
    } catch (error) {
      const name = [raw.issuer, raw.label].filter((part) => typeof part === 'string' && part !== '').join(' ');
      found.problems.push({ where: name === '' ? `entry ${index + 1}` : name.slice(0, 80), message: messageOf(error) });
    }
  }
  return found;
}

function given(password: Uint8Array | undefined): Uint8Array {
  if (password !== undefined) return password;
  throw new KeyholdError('WrongSecret', 'This file is encrypted. Give the password that it was exported with.');
}

function isText(bytes: Uint8Array): boolean {
  try {
    return !/[\0-\x08\x0e-\x1f]/.test(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return false;
  }
}

function messageOf(error: unknown): string {
  return error instanceof KeyholdError ? error.message : 'It cannot be read.';
}

export { wipeEntries };
