import { KeyholdError } from '../../../contract/errors.ts';
import { wipe } from '../../crypto/wipe.ts';
import { commonGate, gateOf, isLooser } from '../gates/gate.ts';
import { requireRecoveryCode } from '../gates/lost-key.ts';
import { forgetSeen, noteSeen, requireNewestSeen } from '../gates/newest-seen.ts';
import { requireTouchFor } from '../gates/require-touch.ts';
import { fieldsOf } from '../input.ts';
import { type HsmObject, openObject, sealObject } from '../object.ts';
import type { Gate, HsmOutput } from '../protocol.ts';
import type { RecordName } from '../sealed-record.ts';
import { type TokenState, workingKeys } from '../state.ts';
import { sealedRecordsOf } from '../vault-input.ts';

interface Opened {
  object: HsmObject;
  version: number;
}

export async function setGate(state: TokenState, input: unknown): Promise<HsmOutput<'setGate'>> {
  const fields = fieldsOf(input, 'input', ['objects', 'gate', 'lostKey']);
  const gate = fields['gate'] === null ? undefined : gateOf(fields['gate'], 'gate');
  const records = sealedRecordsOf(fields['objects'], 'objects');
  const opened: Opened[] = [];
  try {
    for (const record of records) opened.push(open(state, record));
    const loosened = opened.flatMap(({ object: { attributes } }) =>
      attributes.policy.mfa !== undefined && isLooser(attributes.policy.mfa, gate)
        ? [{ id: attributes.id, gate: attributes.policy.mfa }]
        : [],
    );
    const [first] = loosened;
    if (first !== undefined) {
      if (fields['lostKey'] !== undefined) await requireRecoveryCode(state, fields['lostKey']);
      else {
        // One touch for all of them, by a key that each of them takes.
        const common = { ...commonGate(loosened.map((one) => one.gate)), withinSeconds: 0 };
        requireTouchFor(state, { op: 'setGate', object: first.id, gate: common, alone: true }, input);
      }
    }
    return { objects: opened.map((one) => reseal(state, one, gate)) };
  } finally {
    for (const { object } of opened) wipe(object.material);
  }
}

function open(state: TokenState, { id, version, sealed }: RecordName & { sealed: Uint8Array }): Opened {
  requireNewestSeen(state, id, version);
  const object = openObject(workingKeys(state), id, version, sealed);
  if (object !== null && object.attributes.spec !== 'SECURITY_KEY') {
    noteSeen(state, object.attributes, version);
    return { object, version };
  }
  wipe(object?.material);
  throw new KeyholdError('HsmRefused', 'This object takes no gate. Run `keyhold vault check` if that is a surprise.');
}

function reseal(state: TokenState, { object, version }: Opened, gate: Gate | undefined) {
  const { mfa: _before, ...policy } = object.attributes.policy;
  const attributes = { ...object.attributes, policy: gate === undefined ? policy : { ...policy, mfa: gate } };
  if (gate === undefined) forgetSeen(state, object.attributes.id);
  const next = version + 1;
  const blob = sealObject(workingKeys(state), state.ports.random, { attributes, material: object.material }, next);
  return { id: attributes.id, version: next, blob };
}
