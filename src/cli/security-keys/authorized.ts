import type { Seal } from '../../client/client.ts';
import { wipe } from '../../client/import/credential-values.ts';
import { hasKey } from '../../client/ways.ts';
import type { MfaPrompt, Secret } from '../../contract/schemas.ts';
import type { Cli } from '../cli.ts';
import { usageError } from '../errors.ts';
import { type Pins, withPins } from './with-pins.ts';
import { withPrompts } from './with-prompts.ts';

export interface AuthorizeOptions {
  byRecoveryCode?: boolean;
  byKey?: boolean;
  device?: string;
  pinFile?: string;
}

export const BY_RECOVERY_CODE = [
  '--by-recovery-code',
  'prove yourself with the recovery code instead of the password',
] as const;
export const BY_KEY = ['--by-key', 'prove yourself with a security key that opens the vault'] as const;

/**
 * Who changes the ways in says again who they are: runs a call with that, and with what security keys ask for meanwhile. Plain passwords are asked for first, so that nobody touches a
 * key in vain.
 */
export async function authorized<T>(
  cli: Cli,
  options: AuthorizeOptions,
  purposes: readonly MfaPrompt['purpose'][],
  run: (proof: (seal: Seal) => Promise<Secret>, pins: Pins, secret: Uint8Array | undefined) => Promise<T>,
): Promise<T> {
  if (options.byKey === true && options.byRecoveryCode === true) {
    throw usageError('Choose one of --by-key and --by-recovery-code.');
  }
  const given = options.byKey === true ? await withKeyPassword(cli) : await plain(cli, options);
  try {
    return await withPrompts(cli, ['authorize', 'gate', ...purposes], () =>
      withPins(cli, options, (pins) => run((seal) => proofOf(given, pins, seal), pins, given.secret)),
    );
  } finally {
    wipe(given.secret);
  }
}

type Given =
  | { factor: 'password' | 'recovery-code'; secret: Uint8Array }
  | { factor: 'security-key'; secret: Uint8Array | undefined };

async function plain(cli: Cli, options: AuthorizeOptions): Promise<Given> {
  const factor = options.byRecoveryCode === true ? 'recovery-code' : 'password';
  return { factor, secret: await cli.password(factor === 'password' ? 'Current password: ' : 'Recovery code: ') };
}

async function withKeyPassword(cli: Cli): Promise<Given> {
  const { ways } = await cli.call('mfa.ways', {});
  const keys = ways.filter(hasKey);
  if (keys.length === 0) throw usageError('No security key opens this vault yet. Leave --by-key out.');
  const needsPassword = cli.passwordGiven || keys.every(({ factors }) => factors.includes('password'));
  return { factor: 'security-key', secret: needsPassword ? await cli.password('Current password: ') : undefined };
}

async function proofOf(given: Given, pins: Pins, seal: Seal): Promise<Secret> {
  if (given.factor !== 'security-key') return { factor: given.factor, sealed: await seal(given.factor, given.secret) };
  return {
    factor: 'security-key',
    ...(given.secret === undefined ? {} : { password: await seal('password', given.secret) }),
    ...(await pins.proof(seal)),
  };
}
