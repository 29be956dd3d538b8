import { encodeRecoveryCode, RECOVERY_CODE_BYTES } from '../../crypto/recovery-code.ts';
import { wipe } from '../../crypto/wipe.ts';
import { fieldsOf } from '../input.ts';
import type { HsmOutput } from '../protocol.ts';
import { openPassword, replyKeyOf, sealReply } from '../secret-input.ts';
import { makeSlot } from '../slot.ts';
import { requireSameRoot, type TokenState, workingKeys } from '../state.ts';
import { spendToken } from '../users/quorum.ts';
import type { Roster } from '../users/roster.ts';
import { requireOfficer } from '../users/sessions.ts';
import { rosterNow, stage, usersNow } from '../users/state.ts';
import { kdfOf, newSlotOf } from '../vault-input.ts';
import { meanwhile } from './change-users.ts';

export async function makePasswordSlot(state: TokenState, input: unknown): Promise<HsmOutput<'makePasswordSlot'>> {
  const fields = fieldsOf(input, 'input', ['id', 'label', 'password', 'kdf', 'createdAt']);
  const slot = { ...newSlotOf(fields), cost: kdfOf(fields['kdf']) };
  const { vaultId, rootKey } = workingKeys(state);
  const password = await openPassword(state, fields['password']);
  return state
    .exclusively(async () => {
      const row = await makeSlot(state.ports.random, vaultId, rootKey, password, { ...slot, factor: 'password' });
      requireSameRoot(state, rootKey);
      return { slot: row };
    })
    .finally(() => wipe(password));
}

/** Who makes a recovery code, with the users before and after: null where there are none. Throws `HsmLoginRequired`, `QuorumRequired`. */
async function makerOf(
  state: TokenState,
  session: unknown,
): Promise<{ by: string; roster: Roster; next: Roster } | null> {
  if (usersNow(state).roster === null) return null;
  const { user, roster } = await requireOfficer(state, session);
  return { by: user.name, roster, next: spendToken(state, roster, { do: 'make-recovery-code' }) };
}

export async function makeRecoverySlot(state: TokenState, input: unknown): Promise<HsmOutput<'makeRecoverySlot'>> {
  const fields = fieldsOf(input, 'input', ['id', 'label', 'kdf', 'replyKey', 'createdAt', 'session']);
  const slot = { ...newSlotOf(fields), cost: kdfOf(fields['kdf']) };
  const replyKey = replyKeyOf(fields['replyKey']);
  const { vaultId, rootKey } = workingKeys(state);
  // Who has a recovery code can reset the users: the owner does not make one past them.
  const maker = await makerOf(state, fields['session']);
  const { random } = state.ports;
  return state.exclusively(async () => {
    const code = random.bytes(RECOVERY_CODE_BYTES);
    const codeText = encodeRecoveryCode(code);
    try {
      const recoveryCode = await sealReply(replyKey, 'recovery-code', codeText);
      const row = await makeSlot(random, vaultId, rootKey, code, { ...slot, factor: 'recovery-code' });
      requireSameRoot(state, rootKey);
      if (maker !== null && rosterNow(state) !== maker.roster) throw meanwhile();
      const users = maker === null || maker.next === maker.roster ? null : stage(state, maker.next);
      return { slot: row, recoveryCode, by: maker?.by ?? null, users };
    } finally {
      wipe(code, codeText);
    }
  });
}
