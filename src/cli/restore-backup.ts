import { resolve } from 'node:path';
import { wipe } from '../client/import/credential-values.ts';
import { reportText } from './check-report.ts';
import type { Cli } from './cli.ts';
import { ExitWith } from './errors.ts';
import { EXIT } from './exit-codes.ts';

export interface RestoreOptions {
  recoveryCode?: boolean;
  yes?: boolean;
}

/** Asks, then replaces the vault by a backup or a copy of it. */
export async function restoreBackup(cli: Cli, file: string, options: RestoreOptions): Promise<void> {
  const status = await cli.call('status.get', {});
  if (options.yes !== true && status.state !== 'none') {
    const person = cli.needTerminal('Add --yes to replace the present vault without being asked.');
    if (!(await person.confirm(`Replace the vault in ${cli.home} by ${file}?`, false)))
      throw new ExitWith(EXIT.failure);
  }
  const factor = options.recoveryCode === true ? 'recovery-code' : 'password';
  const secret = await cli.password(
    factor === 'password' ? 'Password of the backup: ' : 'Recovery code of the backup: ',
  );
  try {
    const done = await cli.callSealed('vault.restore', async (seal) => ({
      path: resolve(file),
      secret: { factor, sealed: await seal(factor, secret) },
    }));
    cli.print(done, () => {
      const kept = done.previous === null ? '' : `The vault before is kept as ${done.previous}\n`;
      return `Restored.\n${kept}${reportText(done.report, cli)}`;
    });
  } finally {
    wipe(secret);
  }
}
