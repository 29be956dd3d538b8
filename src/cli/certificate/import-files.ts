import { wipe } from '../../client/import/credential-values.ts';
import type { Certificate } from '../../contract/certificates.ts';
import type { Cli } from '../cli.ts';
import { readFile } from '../read-file.ts';

/** Paths of PEM files. */
export interface CertificateFiles {
  certificate: string;
  privateKey: string;
  /** The certificates above it, where they are in a file of their own. */
  chain?: string | undefined;
}

/** Takes a private key, sealed, and its certificate into the vault. */
export async function importFiles(cli: Cli, name: string, files: CertificateFiles): Promise<Certificate> {
  const chain = files.chain === undefined ? '' : readFile(files.chain).toString('latin1');
  const pem = `${readFile(files.certificate).toString('latin1')}\n${chain}`;
  const key = readFile(files.privateKey);
  try {
    return await cli.callSealed('certificate.import', async (seal) => ({
      name,
      pem,
      privateKey: await seal('private-key', key),
    }));
  } finally {
    wipe(key);
  }
}
