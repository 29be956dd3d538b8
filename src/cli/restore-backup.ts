import { resolve } from 'node:path';
import type { Seal } from '../client/client.ts';
import { wipe } from '../client/import/credential-values.ts';
import { KeyholdError } from '../contract/errors.ts';
import type { Result } from '../contract/methods.ts';
import type { Secret } from '../contract/schemas.ts';
import { reportText } from './check-report.ts';
import type { Cli } from './cli.ts';
import { ExitWith, usageError } from './errors.ts';
import { EXIT } from './exit-codes.ts';
import { withPins } from './security-keys/with-pins.ts';
import { withPrompts } from './security-keys/with-prompts.ts';

export interface RestoreOptions {
  recoveryCode?: boolean;
  key?: boolean;
  device?: string;
  pinFile?: string;
  yes?: boolean;
}

type Restore = (secretOf: (seal: Seal) => Promise<Secret>) => Promise<Result<'vault.restore'>>;

/** Asks, then replaces the vault by a backup or a copy of it. */
export async function restoreBackup(cli: Cli, file: string, options: RestoreOptions): Promise<void> {
  if (options.key === true && options.recoveryCode === true)
    throw usageError('Choose one of --key and --recovery-code.');
  const status = await cli.call('status.get', {});
  if (options.yes !== true && status.state !== 'none') {
    const person = cli.needTerminal('Add --yes to replace the present vault without being asked.');
    if (!(await person.confirm(`Replace the vault in ${cli.home} by ${file}?`, false)))
      throw new ExitWith(EXIT.failure);
  }
  const restore: Restore = (secretOf) =>
    cli.callSealed('vault.restore', async (seal) => ({ path: resolve(file), secret: await secretOf(seal) }));
  const done = options.key === true ? await withKey(cli, options, restore) : await plain(cli, options, restore);
  cli.print(done, () => {
    const kept = done.previous === null ? '' : `The vault before is kept as ${done.previous}\n`;
    return `Restored.\n${kept}${reportText(done.report, cli)}`;
  });
}

async function plain(cli: Cli, options: RestoreOptions, restore: Restore): Promise<Result<'vault.restore'>> {
  const factor = options.recoveryCode === true ? 'recovery-code' : 'password';
  const secret = await cli.password(
    factor === 'password' ? 'Password of the backup: ' : 'Recovery code of the backup: ',
  );
  try {
    return await restore(async (seal) => ({ factor, sealed: await seal(factor, secret) }));
  } finally {
    wipe(secret);
  }
}

/** Whether the backup's ways in want a password beside the key is known only once it has been opened. */
async function withKey(cli: Cli, options: RestoreOptions, restore: Restore): Promise<Result<'vault.restore'>> {
  let password = cli.passwordGiven ? await cli.password(QUESTION) : undefined;
  try {
    return await withPrompts(cli, ['unlock'], () =>
      withPins(cli, options, async (pins) => {
        const run = () =>
          restore(async (seal) => ({
            factor: 'security-key',
            ...(password === undefined ? {} : { password: await seal('password', password) }),
            ...(await pins.subject(seal)),
          }));
        try {
          return await run();
        } catch (error) {
          const wanted = error instanceof KeyholdError && error.details?.['needsPassword'] === true;
          if (!wanted || password !== undefined) throw error;
          password = await cli.password(QUESTION);
          return run();
        }
      }),
    );
  } finally {
    wipe(password);
  }
}

const QUESTION = 'Password of the backup: ';
