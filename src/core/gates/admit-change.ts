import type { Secret } from '../../contract/schemas.ts';
import type { HsmInput, LostKey, RecordSealed, SealedBlob } from '../hsm/protocol.ts';
import type { Session } from '../session.ts';
import { allGates } from './all-gates.ts';
import { gateKeys } from './enrolled-keys.ts';

/** How the owner has proved themselves for the change: a recovery code stands in for a lost key, a password does not. */
type Authorize = Secret | undefined;

/** While anything has a gate: the enrolled keys, one of which has to be touched for what would lead around it. Once the last of them is gone, only the recovery code will do. */
async function guards(session: Session): Promise<{ guarded: boolean; enrolled: RecordSealed[] }> {
  if ((await allGates(session)).length === 0) return { guarded: false, enrolled: [] };
  return { guarded: true, enrolled: session.vault.objectRecords(gateKeys(session.things).map(({ object }) => object)) };
}

function lostKeyOf(session: Session, authorize: Authorize): { lostKey?: LostKey } {
  if (authorize?.factor !== 'recovery-code') return {};
  const { factor, sealed } = authorize;
  return { lostKey: { secret: { factor, sealed }, slots: [...session.vault.slots()] } };
}

/** Before a security key's object (`target`) is removed, or a new recovery code is made. Nothing where there are no gates. Throws `TouchRequired`. */
export async function admitWithTouch(
  session: Session,
  act: HsmInput<'admitWithTouch'>['act'],
  target: string,
  authorize: Authorize,
): Promise<void> {
  const { guarded, enrolled } = await guards(session);
  if (!guarded) return;
  await session.hsm.call('admitWithTouch', { act, target, guarded, enrolled, ...lostKeyOf(session, authorize) });
}

/** Before a credential is made for `enrolForGates`: nobody shall touch a key for what is refused whatever they touch. Throws `TouchRequired`. */
export async function refuseEnrolment(session: Session, authorize: Authorize): Promise<void> {
  const { guarded, enrolled } = await guards(session);
  // Else the touch or the code is for the credential, once there is one.
  if (!guarded || enrolled.length > 0 || authorize?.factor === 'recovery-code') return;
  const asked = { act: 'enrol-security-key' as const, target: session.newId() };
  await session.hsm.call('admitWithTouch', { ...asked, guarded, enrolled });
}

/** The HSM object by which gates know a security key from now on, to be put into the vault with its record. Throws `TouchRequired` while something has a gate. */
export async function enrolForGates(
  session: Session,
  key: { authenticatorData: Uint8Array; label: string; createdAt: number },
  authorize: Authorize,
): Promise<{ id: string; blob: SealedBlob }> {
  const input = { ...key, ...(await guards(session)), ...lostKeyOf(session, authorize) };
  const { attributes, blob } = await session.hsm.call('enrolSecurityKey', input);
  return { id: attributes.id, blob };
}
