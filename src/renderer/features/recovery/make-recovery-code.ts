import type { RefObject } from 'react';
import type { Seal } from '../../../client/client.ts';
import { createReplyKey } from '../../../client/seal.ts';
import type { Params } from '../../../contract/methods.ts';
import { callSealed } from '../../api/keyhold.ts';
import { notify } from '../../ui/toast-store.ts';
import { sealedSession } from '../hsm/users/hsm-login.ts';

/**
 * Makes another recovery code, for the caller to show and to wipe. Null where nobody is there to see it any more, e.g. because the vault was locked meanwhile:
 * then it is taken back. Rejects with what the daemon says.
 */
export async function makeRecoveryCode(
  label: string,
  sealSecret: (seal: Seal) => Promise<Params<'slot.remove'>['authorize']>,
  gone: RefObject<boolean>,
): Promise<Uint8Array | null> {
  const reply = await createReplyKey();
  if (gone.current) return null;
  const made = await callSealed('slot.addRecoveryCode', async (seal) => ({
    label,
    replyKey: reply.publicKey,
    // Where the HSM has users, a recovery code is for a crypto officer to make.
    ...(await sealedSession(seal)),
    authorize: await sealSecret(seal),
  }));
  if (!gone.current) return await reply.open(made.recoveryCode, 'recovery-code');
  try {
    await callSealed('slot.remove', async (seal) => ({
      id: made.slot.id,
      ...(await sealedSession(seal)),
      authorize: await sealSecret(seal),
    }));
  } catch {
    // Why it could not be taken back matters less than that it is there.
    notify({ message: `Nobody has seen the new recovery code “${label}”. Remove it in Settings.`, tone: 'error' });
  }
  return null;
}
