import { toHex } from '../../crypto/bytes.ts';
import { encodeRecoveryCode, RECOVERY_CODE_BYTES } from '../../crypto/recovery-code.ts';
import { wipe } from '../../crypto/wipe.ts';
import { fieldsOf, instantOf } from '../input.ts';
import type { HsmOutput } from '../protocol.ts';
import { openPassword, replyKeyOf, sealReply } from '../secret-input.ts';
import { makeSlot } from '../slot.ts';
import { requireNoVault, type TokenState } from '../state.ts';
import { kekMarks } from '../users/head-mark.ts';
import { NOBODY } from '../users/state.ts';
import { kdfOf, vaultIdOf } from '../vault-input.ts';
import { KEY_BYTES, makeKek, openVaultKeys } from '../vault-keys.ts';

const SLOT_ID_BYTES = 8;

export async function createVault(state: TokenState, input: unknown): Promise<HsmOutput<'createVault'>> {
  const fields = fieldsOf(input, 'input', ['vaultId', 'password', 'kdf', 'replyKey', 'createdAt']);
  const vaultId = vaultIdOf(fields['vaultId']);
  const cost = kdfOf(fields['kdf']);
  const replyKey = replyKeyOf(fields['replyKey']);
  const createdAt = instantOf(fields['createdAt'], 'createdAt');
  requireNoVault(state);
  const password = await openPassword(state, fields['password']);
  return state
    .exclusively(async () => {
      requireNoVault(state);
      const { random } = state.ports;
      const rootKey = random.bytes(KEY_BYTES);
      const code = random.bytes(RECOVERY_CODE_BYTES);
      const codeText = encodeRecoveryCode(code);
      try {
        const recoveryCode = await sealReply(replyKey, 'recovery-code', codeText);
        const newSlot = () => ({ id: toHex(random.bytes(SLOT_ID_BYTES)), createdAt, cost });
        const slots = [
          await makeSlot(random, vaultId, rootKey, password, { ...newSlot(), label: 'Password', factor: 'password' }),
          await makeSlot(random, vaultId, rootKey, code, {
            ...newSlot(),
            label: 'Recovery code',
            factor: 'recovery-code',
          }),
        ];
        const keks = [
          makeKek(rootKey, vaultId, random, { id: 1, purpose: 'records', createdAt }),
          makeKek(rootKey, vaultId, random, { id: 2, purpose: 'objects', createdAt }),
        ];
        state.keys = openVaultKeys(new Uint8Array(rootKey), vaultId, keks, false);
        state.users.base = { ...NOBODY, mark: null };
        state.users.keks = kekMarks(keks);
        return { slots, keks, recoveryCode };
      } finally {
        wipe(rootKey, code, codeText);
      }
    })
    .finally(() => wipe(password));
}
