import { wipe } from '../../client/import/credential-values.ts';
import { checkEntry, type OtpEntry } from '../../client/otp/entry.ts';
import { nameFor } from '../../client/otp/names.ts';
import { parseOtpauth } from '../../client/otp/parse-otpauth.ts';
import { addOtp } from '../../client/otp/plan-import.ts';
import { fromBase32 } from '../../contract/base32.ts';
import { quotedName } from '../../contract/quoted-name.ts';
import type { Cli } from '../cli.ts';
import { usageError } from '../errors.ts';
import { readFile } from '../read-file.ts';

export interface AddOptions {
  uri?: string;
  qr?: string;
  secretStdin?: boolean;
  issuer?: string;
  account?: string;
  algorithm?: string;
  digits?: string;
  period?: string;
  hotp?: boolean;
  counter?: string;
  favourite?: boolean;
  mfaSerial?: string;
  passwordStdin?: boolean;
}

/** `keyhold totp add`: from an address, a QR code or a base32 secret. */
export async function addDevice(cli: Cli, name: string | undefined, options: AddOptions): Promise<void> {
  const entry = await readEntry(cli, options);
  try {
    const label = { issuer: options.issuer ?? entry.issuer, label: options.account ?? entry.label };
    const wanted = name ?? nameFor(label, new Set());
    const added = await addOtp(
      cli,
      wanted,
      { ...entry, ...label },
      {
        ...(options.favourite === true ? { favourite: true } : {}),
        ...(options.mfaSerial === undefined ? {} : { mfaSerial: options.mfaSerial }),
      },
    );
    cli.print(
      added,
      () => `${added.name} is in the vault. Its next code: keyhold totp code ${quotedName(added.name)}\n`,
    );
  } finally {
    entry.seed.fill(0);
  }
}

async function readEntry(cli: Cli, options: AddOptions): Promise<OtpEntry> {
  const ways = [options.uri, options.qr, options.secretStdin === true ? '' : undefined].filter(
    (one) => one !== undefined,
  );
  if (ways.length > 1) throw usageError('Give one of --uri, --qr and --secret-stdin.');
  if (options.uri !== undefined || options.qr !== undefined) {
    refuseParameters(options);
    if (options.qr !== undefined) return readPicture(options.qr);
    return parseOtpauth(await readUri(cli, options.uri ?? '', options));
  }
  const ascii = await readSecret(cli, options);
  try {
    return checkEntry({
      type: options.hotp === true ? 'hotp' : 'totp',
      issuer: options.issuer,
      label: options.account,
      algorithm: options.algorithm,
      digits: options.digits,
      period: options.period,
      counter: options.counter,
      seed: fromBase32(ascii),
    });
  } finally {
    ascii.fill(0);
  }
}

/** What an address or a QR code says decides; two sayings could differ. */
function refuseParameters({ algorithm, digits, period, hotp, counter }: AddOptions): void {
  if ([algorithm, digits, period, hotp, counter].some((one) => one !== undefined)) {
    throw usageError(
      '--algorithm, --digits, --period, --hotp and --counter go with a secret alone: an address says them itself.',
    );
  }
}

async function readUri(cli: Cli, uri: string, options: AddOptions): Promise<string> {
  if (uri !== '-') {
    cli.note(
      'Other programs can see what stands on a command line, and shells keep it. --uri - reads it from standard input.',
    );
    return uri;
  }
  const line = await stdinLine(options, 'the address');
  try {
    return new TextDecoder().decode(line);
  } finally {
    wipe(line);
  }
}

async function readPicture(path: string): Promise<OtpEntry> {
  const [{ readQrPicture }, { isMigration }] = await Promise.all([
    import('./read-picture.ts'),
    import('../../client/otp/google-migration.ts'),
  ]);
  const bytes = readFile(path);
  let text: string;
  try {
    text = readQrPicture(bytes);
  } finally {
    wipe(bytes);
  }
  if (isMigration(text)) {
    throw usageError(
      `This is an export of Google Authenticator. Take it over with keyhold totp import ${quotedName(path)}.`,
    );
  }
  return parseOtpauth(text);
}

async function readSecret(cli: Cli, options: AddOptions): Promise<Uint8Array> {
  if (options.secretStdin === true) return stdinLine(options, 'the secret');
  const person = cli.needTerminal('Use --uri -, --qr or --secret-stdin.');
  return person.askSecret('Secret (base32): ');
}

async function stdinLine(options: AddOptions, what: string): Promise<Uint8Array> {
  if (options.passwordStdin === true) {
    throw usageError(`Standard input cannot hold both the password and ${what}. Use --password-file.`);
  }
  const { nextStdinLine } = await import('../stdin-lines.ts');
  return nextStdinLine(what);
}
