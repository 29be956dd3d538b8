import type { Session } from '../session.ts';
import type { Chain } from './chain.ts';
import { keyOfChain } from './credentials.ts';
import { sessionKind } from './session-kind.ts';

/**
 * Passes the gates that asking STS for a session of the chain's first profile will meet, for that one call. The call itself cannot be shown to the HSM yet, because the code that it
 * carries is taken only once the touch is there. Throws `TouchRequired`.
 */
export async function touchAhead(session: Session, chain: Chain): Promise<void> {
  const { things, hsm } = session;
  const [profile, source, ...further] = chain;
  const purpose = `ask for a session of ${profile.value.name} ${session.newId()}`;
  const gate = source?.value.gate?.object;
  if (gate !== undefined) {
    await hsm.call('passGate', { key: session.objectRef(gate.id), purpose, ahead: 'pass-gate' });
  }
  // Else the source has a session by now, and nothing of that is gated.
  if (source !== undefined && sessionKind([source, ...further]) !== undefined) return;
  const key = keyOfChain(things, chain)?.value;
  if (key?.gate === undefined) return;
  await hsm.call('passGate', { key: session.objectRef(key.secret.id), purpose, ahead: 'sign-sts' });
}
