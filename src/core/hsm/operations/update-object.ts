import { isLooser } from '../gates/gate.ts';
import { requireRecoveryCode } from '../gates/lost-key.ts';
import { forgetSeen } from '../gates/newest-seen.ts';
import { requireTouchFor } from '../gates/require-touch.ts';
import { fieldsOf } from '../input.ts';
import { requireLeaving } from '../leaving.ts';
import { sealObject } from '../object.ts';
import { labelOf, policyOf } from '../object-attributes.ts';
import type { HsmOutput, ObjectAttributes } from '../protocol.ts';
import { type TokenState, workingKeys } from '../state.ts';
import { loadObject } from '../use-object.ts';

export async function updateObject(state: TokenState, input: unknown): Promise<HsmOutput<'updateObject'>> {
  const fields = fieldsOf(input, 'input', ['key', 'label', 'policy', 'lostKey']);
  const policy = fields['policy'] === undefined ? undefined : policyOf(fields['policy']);
  const { id, policy: before } = loadObject(state, fields['key']).attributes;
  if (policy !== undefined && before.mfa !== undefined && isLooser(before.mfa, policy.mfa)) {
    if (fields['lostKey'] !== undefined) await requireRecoveryCode(state, fields['lostKey']);
    else {
      const gate = { ...before.mfa, withinSeconds: 0 };
      requireTouchFor(state, { op: 'updateObject', object: id, gate, alone: true }, input);
    }
  }
  // Once more: the cache may have let go of it meanwhile.
  const object = loadObject(state, fields['key']);
  const attributes: ObjectAttributes = { ...object.attributes };
  if (fields['label'] !== undefined) attributes.label = labelOf(fields['label']);
  if (policy !== undefined) attributes.policy = policy;
  if (attributes.spec === 'AWS_SECRET_ACCESS_KEY') requireLeaving(attributes);
  if (attributes.policy.mfa === undefined) forgetSeen(state, id);
  const version = object.version + 1;
  const { material } = object;
  const blob = sealObject(workingKeys(state), state.ports.random, { attributes, material }, version);
  return { attributes, blob, version };
}
