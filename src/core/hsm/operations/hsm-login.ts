import { wipe } from '../../crypto/wipe.ts';
import { fieldsOf } from '../input.ts';
import type { HsmOutput } from '../protocol.ts';
import { openPassword, replyKeyOf, sealReply } from '../secret-input.ts';
import { type TokenState, workingKeys } from '../state.ts';
import { provePassword } from '../users/prove-password.ts';
import { userNameOf } from '../users/roster.ts';
import { closeSession, IDLE_MS, openSession } from '../users/sessions.ts';
import { rosterNow } from '../users/state.ts';

export async function hsmLogin(state: TokenState, input: unknown): Promise<HsmOutput<'hsmLogin'>> {
  const fields = fieldsOf(input, 'input', ['name', 'password', 'replyKey']);
  const name = userNameOf(fields['name']);
  const replyKey = replyKeyOf(fields['replyKey']);
  workingKeys(state);
  rosterNow(state);
  const password = await openPassword(state, fields['password'], 'hsm-password');
  const user = await state.exclusively(() => provePassword(state, name, password)).finally(() => wipe(password));
  const secret = openSession(state, user);
  try {
    const session = await sealReply(replyKey, 'hsm-session', secret);
    return { session, role: user.role, idleSeconds: IDLE_MS / 1000 };
  } finally {
    wipe(secret);
  }
}

export async function hsmLogout(state: TokenState, input: unknown): Promise<HsmOutput<'hsmLogout'>> {
  const fields = fieldsOf(input, 'input', ['session']);
  workingKeys(state);
  return { user: await closeSession(state, fields['session']) };
}
