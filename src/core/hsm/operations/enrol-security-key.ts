import { KeyholdError } from '../../../contract/errors.ts';
import { toHex } from '../../crypto/bytes.ts';
import { sha256 } from '../../crypto/sha256.ts';
import { LONGEST_AUTHENTICATOR_DATA } from '../fido-limits.ts';
import { admitTouched } from '../gates/admit-touched.ts';
import { bytesOf, fieldsOf, instantOf } from '../input.ts';
import { sealObject } from '../object.ts';
import { labelOf } from '../object-attributes.ts';
import type { HsmOutput, ObjectAttributes } from '../protocol.ts';
import { newCredential, writeSecurityKey } from '../security-key.ts';
import { type TokenState, workingKeys } from '../state.ts';

const FIRST_VERSION = 1;
const ID_BYTES = 16;
const FIELDS = ['label', 'createdAt', 'authenticatorData', 'guarded', 'enrolled', 'lostKey'];

export async function enrolSecurityKey(state: TokenState, input: unknown): Promise<HsmOutput<'enrolSecurityKey'>> {
  const fields = fieldsOf(input, 'input', FIELDS);
  const attributes: ObjectAttributes = {
    // A caller who chose it could take the place of a key that a gate names.
    id: toHex(state.ports.random.bytes(ID_BYTES)),
    class: 'public-key',
    spec: 'SECURITY_KEY',
    usage: [],
    extractable: false,
    label: labelOf(fields['label']),
    createdAt: instantOf(fields['createdAt'], 'createdAt'),
    policy: {},
  };
  const credential = newCredential(
    bytesOf(fields['authenticatorData'], 'authenticatorData', 1, LONGEST_AUTHENTICATOR_DATA),
  );
  if (credential === null) {
    throw new KeyholdError('HsmRefused', 'This security key made no credential that Keyhold can use. Try another key.');
  }
  // A key that anybody could add would open every gate that any key opens.
  await admitTouched(state, { op: 'enrolSecurityKey', object: nameOf(credential.credentialId) }, input, fields);
  const material = writeSecurityKey(credential);
  const blob = sealObject(workingKeys(state), state.ports.random, { attributes, material }, FIRST_VERSION);
  return { attributes, blob, credentialId: credential.credentialId };
}

/** What the touch is asked for: the same from the refusal to the call that is repeated. */
function nameOf(credentialId: Uint8Array): string {
  return toHex(sha256(credentialId).subarray(0, ID_BYTES));
}
