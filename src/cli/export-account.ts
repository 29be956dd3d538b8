import { resolve } from 'node:path';
import { wipe } from '../client/import/credential-values.ts';
import type { Cli } from './cli.ts';
import { usageError } from './errors.ts';
import { newPassword } from './new-password.ts';
import { type AuthorizeOptions, authorized } from './security-keys/authorized.ts';
import { count, fileSize } from './words.ts';

export interface ExportOptions extends AuthorizeOptions {
  output: string;
  overwrite?: boolean;
  passphraseFile?: string;
}

/** Asks who is there to prove it, then for the file's passphrase, and has the file written. */
export async function exportAccount(cli: Cli, name: string, options: ExportOptions): Promise<void> {
  // Unlocks where that is needed, so that what comes from a pipe is asked for in one order.
  await cli.call('account.list', {});
  let passphrase: Uint8Array | undefined;
  try {
    const made = await authorized(cli, options, [], async (proof, _pins, secret) => {
      // Asked once, however often a security key's PIN has to be asked for.
      passphrase ??= await cli.withPasswordFile(options.passphraseFile, () =>
        newPassword(cli, 'Passphrase for the file: '),
      );
      const wanted = passphrase;
      if (secret !== undefined && Buffer.compare(wanted, secret) === 0) {
        throw usageError('The file goes to other places than the vault: choose a passphrase that is not its password.');
      }
      return cli.callSealed('account.export', async (seal) => ({
        name,
        path: resolve(options.output),
        passphrase: await seal('passphrase', wanted),
        authorize: await proof(seal),
        ...(options.overwrite === true ? { overwrite: true } : {}),
      }));
    });
    cli.print({ name, ...made }, () => {
      const stores =
        made.keyStores === 0
          ? ''
          : `The tokens and proxies behind its ${count(made.keyStores, 'key store')}, and their credentials, are not in the file.\n`;
      return `Account ${name} with ${count(made.kmsKeys, 'KMS key')} and ${count(made.clients, 'client')} is in ${made.path} (${fileSize(made.sizeBytes)}).\n${stores}`;
    });
  } finally {
    wipe(passphrase);
  }
}
