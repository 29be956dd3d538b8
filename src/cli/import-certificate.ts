import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { wipe } from '../client/import/credential-values.ts';
import type { PlannedCertificate, VaultCertificate } from '../client/import/plan.ts';
import type { SigningHelper } from '../client/import/signing-helper.ts';
import { KeyholdError } from '../contract/errors.ts';
import { importFiles } from './certificate/import-files.ts';
import type { Cli } from './cli.ts';
import { readFile } from './read-file.ts';

/** Why the files that a line of AWS’s signing helper names cannot be taken: said in the plan, before anything is imported. */
export function filesTrouble({
  certificateFile,
  privateKeyFile,
  intermediatesFile,
}: SigningHelper): string | undefined {
  const files = [certificateFile, privateKeyFile, ...(intermediatesFile === undefined ? [] : [intermediatesFile])];
  const missing = files.map(placeOf).find((file) => !existsSync(file));
  if (missing !== undefined) return `there is no ${missing}`;
  const key = readFile(placeOf(privateKeyFile));
  try {
    if (key.includes('ENCRYPTED')) {
      return `the private key in ${privateKeyFile} is encrypted; decrypt a copy (openssl pkey) and name that with --private-key`;
    }
    return key.includes('PRIVATE KEY-----') ? undefined : `there is no private key in PEM in ${privateKeyFile}`;
  } finally {
    wipe(key);
  }
}

/** Whether a certificate of the vault is in the file that the line names. */
export function sameCertificate({ certificateFile }: SigningHelper, { issued }: VaultCertificate): boolean {
  const [, base64] = /^-----BEGIN CERTIFICATE-----\n([^-]+)/.exec(issued?.pem ?? '') ?? [];
  if (base64 === undefined) return false;
  const file = readFile(placeOf(certificateFile)).toString('latin1').replace(/\s/g, '');
  return file.includes(base64.replace(/\s/g, ''));
}

export async function importCertificate(cli: Cli, planned: PlannedCertificate): Promise<void> {
  const { name, place, certificateFile, privateKeyFile, intermediatesFile } = planned;
  try {
    await importFiles(cli, name, {
      certificate: placeOf(certificateFile),
      privateKey: placeOf(privateKeyFile),
      chain: intermediatesFile === undefined ? undefined : placeOf(intermediatesFile),
    });
  } catch (error) {
    if (!(error instanceof KeyholdError) || !['InvalidInput', 'InvalidKeyMaterial'].includes(error.code)) throw error;
    const text = `The certificate of ${name} (${place.file} line ${place.line}) was not imported: ${error.message} What comes before it is imported; the same command goes on from there.`;
    throw new KeyholdError('InvalidInput', text, undefined, { cause: error });
  }
  cli.note(`${privateKeyFile} still has the key: delete it there once nothing else needs it.`);
}

/** As a shell would, for the one thing that people write in these lines. */
function placeOf(file: string): string {
  return file.startsWith('~/') ? join(homedir(), file.slice(2)) : file;
}
