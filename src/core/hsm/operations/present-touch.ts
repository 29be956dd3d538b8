import { KeyholdError } from '../../../contract/errors.ts';
import { LONGEST_AUTHENTICATOR_DATA, LONGEST_CREDENTIAL_ID, LONGEST_SIGNATURE } from '../fido-limits.ts';
import { type GatesState, type OpenChallenge, remember, type Touch } from '../gates/state.ts';
import { verifyTouch } from '../gates/verify-touch.ts';
import { bytesOf, fieldsOf, matchOf } from '../input.ts';
import { sealObject } from '../object.ts';
import type { HsmOutput } from '../protocol.ts';
import { type EnrolledKey, writeSecurityKey } from '../security-key.ts';
import { type TokenState, workingKeys } from '../state.ts';

const CHALLENGE = /^[0-9a-f]{32}$/;

export function presentTouch(state: TokenState, input: unknown): HsmOutput<'presentTouch'> {
  const fields = fieldsOf(input, 'input', ['challenge', 'credentialId', 'authenticatorData', 'signature']);
  const id = matchOf(fields['challenge'], 'challenge', CHALLENGE, '32 lower-case hex digits');
  const credentialId = bytesOf(fields['credentialId'], 'credentialId', 1, LONGEST_CREDENTIAL_ID);
  const authenticatorData = bytesOf(fields['authenticatorData'], 'authenticatorData', 1, LONGEST_AUTHENTICATOR_DATA);
  const signature = bytesOf(fields['signature'], 'signature', 1, LONGEST_SIGNATURE);
  workingKeys(state);
  const { gates, ports } = state;
  const challenge = gates.challenges.get(id);
  // Good for one answer, right or wrong.
  gates.challenges.delete(id);
  if (challenge === undefined || ports.clock.monotonic() >= challenge.until) {
    throw new KeyholdError('HsmRefused', 'This touch came too late. Try again.');
  }
  const key = challenge.keys.find((one) => Buffer.compare(one.credentialId, credentialId) === 0);
  if (key === undefined)
    throw new KeyholdError('HsmRefused', 'This security key was not asked. Touch the one that was.');
  const keyId = key.object.attributes.id;
  const lastCount = Math.max(key.signCount, gates.counters.get(keyId) ?? 0);
  const { signCount, userVerified } = verifyTouch({
    publicKey: key.publicKey,
    authData: authenticatorData,
    clientDataHash: challenge.clientDataHash,
    signature,
    signCount: lastCount,
  });
  gates.counters.set(keyId, signCount);
  allow(gates, challenge.wanted, { key: keyId, at: ports.clock.monotonic() });
  const renewed = signCount === lastCount ? null : renew(state, key, signCount);
  return { key: keyId, renewed, signCount, userVerified };
}

function allow(gates: GatesState, wanted: OpenChallenge['wanted'], touch: Touch): void {
  if (wanted === null) return;
  if (wanted.gate.withinSeconds > 0) remember(gates.touches, wanted.object, touch);
  else remember(gates.allowed, wanted.use, touch);
  gates.asked.delete(wanted.use);
}

/** With the counter it has now, so that a copy of the key is noticed after the next unlock too. */
function renew(state: TokenState, key: EnrolledKey, signCount: number): { version: number; blob: Uint8Array } {
  const version = key.version + 1;
  const { attributes } = key.object;
  const material = writeSecurityKey({ ...key, signCount });
  return { version, blob: sealObject(workingKeys(state), state.ports.random, { attributes, material }, version) };
}
