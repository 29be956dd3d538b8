import { KeyholdError } from '../../../contract/errors.ts';
import { admitTouched } from '../gates/admit-touched.ts';
import { bytesOf, fieldsOf, instantOf, recordIdOf } from '../input.ts';
import { sealObject } from '../object.ts';
import { labelOf } from '../object-attributes.ts';
import type { HsmOutput, ObjectAttributes } from '../protocol.ts';
import { newCredential, writeSecurityKey } from '../security-key.ts';
import { type TokenState, workingKeys } from '../state.ts';

const FIRST_VERSION = 1;
const LONGEST_AUTHENTICATOR_DATA = 4096;
const FIELDS = ['id', 'label', 'createdAt', 'authenticatorData', 'guarded', 'enrolled', 'lostKey'];

export async function enrolSecurityKey(state: TokenState, input: unknown): Promise<HsmOutput<'enrolSecurityKey'>> {
  const fields = fieldsOf(input, 'input', FIELDS);
  const attributes: ObjectAttributes = {
    id: recordIdOf(fields['id'], 'id'),
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
  await admitTouched(state, { op: 'enrolSecurityKey', object: attributes.id }, input, fields);
  const material = writeSecurityKey(credential);
  const blob = sealObject(workingKeys(state), state.ports.random, { attributes, material }, FIRST_VERSION);
  return { attributes, blob, credentialId: credential.credentialId };
}
