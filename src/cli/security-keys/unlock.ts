import type { KeyholdClient, Seal } from '../../client/client.ts';
import { wipe } from '../../client/import/credential-values.ts';
import { hasKey, isPasswordAlone } from '../../client/ways.ts';
import type { Secret, SlotInfo, Status } from '../../contract/schemas.ts';
import type { Cli } from '../cli.ts';
import { usageError } from '../errors.ts';
import { withPins } from './with-pins.ts';
import { withPrompts } from './with-prompts.ts';

export interface UnlockOptions {
  recoveryCode?: boolean;
  /** With a security key, whatever is plugged in. */
  key?: boolean;
  /** With the password alone, whatever is plugged in. */
  password?: boolean;
  slot?: string;
  device?: string;
  pinFile?: string;
  acceptRollback?: boolean;
}

/**
 * Unlocks with what the person chose; where nothing was chosen, with a security key that is plugged in, if they like, else with the password. `client` does not unlock by itself.
 */
export async function unlockVault(cli: Cli, client: KeyholdClient, options: UnlockOptions): Promise<Status> {
  const chosen = [options.recoveryCode, options.password, options.key].filter((one) => one === true).length;
  if (chosen > 1) throw usageError('Choose one of --key, --password and --recovery-code.');
  const more = options.acceptRollback === true ? { acceptRollback: true } : {};
  const unlock = (secretOf: (seal: Seal) => Promise<Secret>): Promise<Status> =>
    client.callSealed('vault.unlock', async (seal) => ({ secret: await secretOf(seal), ...more }));

  if (options.recoveryCode !== true && options.password !== true) {
    const ways = await keyWays(cli, client, options);
    if (ways !== null) return withKey(cli, ways, options, unlock);
  }
  const factor = options.recoveryCode === true ? 'recovery-code' : 'password';
  const secret = await cli.password(factor === 'password' ? 'Password: ' : 'Recovery code: ');
  try {
    return await unlock(async (seal) => ({ factor, sealed: await seal(factor, secret) }));
  } finally {
    wipe(secret);
  }
}

/** Ways in with a security key, if one is to be used; else null. */
async function keyWays(cli: Cli, client: KeyholdClient, options: UnlockOptions): Promise<SlotInfo[] | null> {
  const wanted = options.key === true || options.slot !== undefined || options.device !== undefined;
  if (!wanted && cli.passwordGiven) return null;
  const { ways } = await client.call('mfa.ways', {});
  const withKeys = ways.filter(hasKey);
  const named = options.slot === undefined ? withKeys : withKeys.filter(({ id }) => id === options.slot);
  if (wanted) {
    if (named.length > 0) return named;
    throw usageError('No security key opens this vault. Use the password, or the recovery code if a key was lost.');
  }
  if (withKeys.length === 0) return null;
  const person = cli.terminal();
  if (person === null) return null;
  if (!ways.some(isPasswordAlone)) return withKeys;
  const { devices } = await client.call('mfa.devices', {});
  if (devices.length === 0) return null;
  return (await person.confirm('Unlock with the security key?', true)) ? withKeys : null;
}

async function withKey(
  cli: Cli,
  ways: readonly SlotInfo[],
  options: UnlockOptions,
  unlock: (secretOf: (seal: Seal) => Promise<Secret>) => Promise<Status>,
): Promise<Status> {
  // A key alone is tried first, unless a password was given: then it is for a way in that takes both.
  const needsPassword = cli.passwordGiven || ways.every(({ factors }) => factors.includes('password'));
  const password = needsPassword ? await cli.password('Password: ') : undefined;
  const slot = options.slot === undefined ? {} : { slot: options.slot };
  try {
    return await withPrompts(cli, ['unlock'], () =>
      withPins(cli, options, (pins) =>
        unlock(async (seal) => ({
          factor: 'security-key',
          ...slot,
          ...(password === undefined ? {} : { password: await seal('password', password) }),
          ...(await pins.subject(seal)),
        })),
      ),
    );
  } finally {
    wipe(password);
  }
}
