import { KeyholdError } from '../../../contract/errors.ts';
import { wipe } from '../../crypto/wipe.ts';
import { bytesOf, type Fields, instantOf, invalid } from '../input.ts';
import type { HsmRole } from '../protocol.ts';
import { openPassword } from '../secret-input.ts';
import { type TokenState, workingKeys } from '../state.ts';
import { kdfOf } from '../vault-input.ts';
import { makeCredential } from './credential.ts';
import { isSigningKey } from './quorum.ts';
import { type HsmUser, type Roster, userNameOf } from './roster.ts';

const LONGEST_KEY = 1024;

/** A public key that officers may sign with; null where none was given. */
export function signingKeyOf(value: unknown): Uint8Array | null {
  if (value === null) return null;
  const key = bytesOf(value, 'publicKey', 1, LONGEST_KEY);
  if (isSigningKey(key)) return key;
  throw new KeyholdError('InvalidInput', 'publicKey: give the public key of an RSA-2048 or P-256 pair, as PEM.');
}

/** A user as asked for, with a credential made of the sealed password. Spends one Argon2id. */
export async function newUser(state: TokenState, fields: Fields, role: HsmRole): Promise<HsmUser> {
  const name = userNameOf(fields['name']);
  const kdf = kdfOf(fields['kdf']);
  const createdAt = instantOf(fields['createdAt'], 'createdAt');
  const own = signingKeyOf(fields['publicKey']);
  if (role === 'crypto-user' && own !== null) throw invalid('publicKey', 'absent: crypto users approve nothing');
  const publicKey = role === 'crypto-user' ? null : (own ?? 'held');
  const { vaultId } = workingKeys(state);
  const password = await openPassword(state, fields['password'], 'hsm-password');
  return state
    .exclusively(async () => {
      const credential = await makeCredential(state, password, { vaultId, name, kdf, publicKey });
      return { name, role, createdAt, ...credential };
    })
    .finally(() => wipe(password));
}

/** Names are compared without case, as everywhere. */
export function findUser(roster: Roster, name: string): HsmUser | undefined {
  const folded = name.toLowerCase();
  return roster.users.find((user) => user.name.toLowerCase() === folded);
}

/** Throws `NotFound`. */
export function userNamed(roster: Roster, name: string): HsmUser {
  const user = findUser(roster, name);
  if (user !== undefined) return user;
  throw new KeyholdError('NotFound', `There is no HSM user called ${name}. List them with \`keyhold hsm users list\`.`);
}
