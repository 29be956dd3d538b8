import { resolve } from 'node:path';
import { wipe } from '../client/import/credential-values.ts';
import type { Cli } from './cli.ts';
import { count } from './words.ts';

export interface ImportOptions {
  name?: string;
  passphraseFile?: string;
}

/** Asks for the file's passphrase and has the account taken in. */
export async function importAccount(cli: Cli, file: string, options: ImportOptions): Promise<void> {
  // Unlocks where that is needed, so that what comes from a pipe is asked for in one order.
  await cli.call('account.list', {});
  const passphrase = await cli.withPasswordFile(options.passphraseFile, () => cli.password('Passphrase of the file: '));
  try {
    const done = await cli.callSealed('account.import', async (seal) => ({
      path: resolve(file),
      passphrase: await seal('passphrase', passphrase),
      ...(options.name === undefined ? {} : { name: options.name }),
    }));
    cli.print(done, () => {
      const { name, accountId } = done.account;
      const stores =
        done.keyStores === 0
          ? ''
          : 'Its key stores are disconnected. Those of an external key manager need their credential again (aws kms update-custom-key-store); keys in a token work as soon as their store is connected, if they are still there.\n';
      return `Account ${name} (${accountId}) is here, with ${count(done.kmsKeys, 'KMS key')}, ${count(done.profiles, 'profile')} and ${count(done.clients, 'client')}.\n${stores}`;
    });
  } finally {
    wipe(passphrase);
  }
}
