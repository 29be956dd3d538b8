import { KeyholdError } from '../../../contract/errors.ts';
import { fieldsOf } from '../input.ts';
import type { HsmOutput } from '../protocol.ts';
import { type TokenState, workingKeys } from '../state.ts';
import { newUser } from '../users/new-user.ts';
import { rosterNow, stage, usersNow } from '../users/state.ts';
import { ownersSlot } from './check-secret.ts';

function wrongOwner(): KeyholdError {
  return new KeyholdError('WrongSecret', 'The password or recovery code is wrong. Check it and try again.');
}

export async function initUsers(state: TokenState, input: unknown): Promise<HsmOutput<'initUsers'>> {
  const fields = fieldsOf(input, 'input', [
    ...['secret', 'slots', 'name', 'password', 'kdf', 'publicKey', 'createdAt'],
  ]);
  workingKeys(state);
  const refuseSecond = (): void => {
    if (usersNow(state).roster === null) return;
    throw new KeyholdError(
      'AlreadyExists',
      'This HSM has users already. A crypto officer adds others with `keyhold hsm users add NAME`.',
    );
  };
  refuseSecond();
  const { slot } = await ownersSlot(state, fields['secret'], fields['slots']);
  if (slot === null) throw wrongOwner();
  const officer = await newUser(state, fields, 'crypto-officer');
  refuseSecond();
  return stage(state, {
    users: [officer],
    quorum: { key: 0, user: 0 },
    touch: {},
    keyUseNeedsLogin: false,
    tokens: [],
    releases: [],
  });
}

/** The way out where the officers have left or forgotten: what the owner put away at the beginning, not what they type every day. */
export async function resetUsers(state: TokenState, input: unknown): Promise<HsmOutput<'resetUsers'>> {
  const fields = fieldsOf(input, 'input', ['recoveryCode', 'slots']);
  workingKeys(state);
  rosterNow(state);
  const secret = { factor: 'recovery-code', sealed: fields['recoveryCode'] };
  const { slot } = await ownersSlot(state, secret, fields['slots']);
  if (slot === null) throw wrongOwner();
  rosterNow(state);
  return stage(state, null);
}
