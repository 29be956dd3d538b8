import { toHex, utf8 } from '../../crypto/bytes.ts';
import { sha256 } from '../../crypto/sha256.ts';
import { gateOf } from '../gates/gate.ts';
import { booleanOf, fieldsOf, integerOf, invalid, listOf, matchOf, oneOf, recordIdOf, textOf } from '../input.ts';
import type { Gate, HsmRole, QuorumService } from '../protocol.ts';
import type { Roster } from './roster.ts';

/** What a quorum token is for: exactly one of these, once. */
export type QuorumAct =
  | { do: 'destroy' | 'export'; target: string; objects: readonly string[]; labels: readonly string[] }
  | { do: 'add-user'; name: string; role: HsmRole; publicKey: string | null }
  | { do: 'remove-user'; name: string }
  | { do: 'set-quorum'; service: QuorumService; required: number }
  | { do: 'set-key-use'; needsLogin: boolean }
  | { do: 'set-approval-touch'; service: QuorumService; touch: Gate | null }
  | { do: 'make-recovery-code' };

export const ACTS = [
  'destroy',
  'export',
  'add-user',
  'remove-user',
  'set-quorum',
  'set-key-use',
  'set-approval-touch',
  'make-recovery-code',
] as const;
const MOST_OBJECTS = 100_000;
/** Named in a token; of the others, it has the number and the digest. */
export const MOST_LABELS = 16;
const LONGEST_TARGET = 512;

export function readAct(value: unknown): QuorumAct {
  if (typeof value !== 'object' || value === null || !('do' in value)) throw invalid('act', 'an act');
  const what = oneOf(value.do, 'act.do', ACTS);
  switch (what) {
    case 'destroy':
    case 'export': {
      const fields = fieldsOf(value, 'act', ['do', 'target', 'objects', 'labels']);
      return {
        do: what,
        target: textOf(fields['target'], 'target', 1, LONGEST_TARGET),
        objects: listOf(fields['objects'], 'objects', MOST_OBJECTS, recordIdOf),
        labels: listOf(fields['labels'], 'labels', MOST_LABELS, (item) => textOf(item, 'label', 0, 512)),
      };
    }
    case 'add-user': {
      const fields = fieldsOf(value, 'act', ['do', 'name', 'role', 'publicKey']);
      const key = fields['publicKey'];
      return {
        do: what,
        name: textOf(fields['name'], 'name', 1, 64),
        role: oneOf(fields['role'], 'role', ['crypto-officer', 'crypto-user']),
        publicKey: key === null ? null : matchOf(key, 'publicKey', /^[0-9a-f]{64}$/, 'a SHA-256 digest'),
      };
    }
    case 'remove-user':
      return { do: what, name: textOf(fieldsOf(value, 'act', ['do', 'name'])['name'], 'name', 1, 64) };
    case 'set-quorum': {
      const fields = fieldsOf(value, 'act', ['do', 'service', 'required']);
      return {
        do: what,
        service: oneOf(fields['service'], 'service', ['key', 'user']),
        required: integerOf(fields['required'], 'required', 0, 64),
      };
    }
    case 'set-key-use':
      return {
        do: what,
        needsLogin: booleanOf(fieldsOf(value, 'act', ['do', 'needsLogin'])['needsLogin'], 'needsLogin'),
      };
    case 'set-approval-touch':
      return approvalTouchOf(value, 'act');
    case 'make-recovery-code':
      fieldsOf(value, 'act', ['do']);
      return { do: what };
  }
}

/** The fields of an act or a change alike; keys in one order, so that what was approved is what is done. */
export function approvalTouchOf(value: unknown, name: string): QuorumAct & { do: 'set-approval-touch' } {
  const fields = fieldsOf(value, name, ['do', 'service', 'touch']);
  const service = oneOf(fields['service'], `${name}.service`, ['key', 'user']);
  if (fields['touch'] === null) return { do: 'set-approval-touch', service, touch: null };
  const { withinSeconds, keys } = gateOf(fields['touch'], `${name}.touch`);
  const touch = { withinSeconds, keys: keys === 'any' ? keys : [...keys].sort() };
  return { do: 'set-approval-touch', service, touch };
}

/** Whoever may make officers, lower a quorum or spare them the touch can make any decision alone: what holds for either service holds for these. */
export function decidesWhoApproves({ users }: Pick<Roster, 'users'>, act: QuorumAct): boolean {
  switch (act.do) {
    case 'set-quorum':
    case 'set-approval-touch':
      return true;
    case 'add-user':
      return act.role === 'crypto-officer';
    case 'remove-user':
      return users.find(({ name }) => name === act.name)?.role !== 'crypto-user';
    default:
      return false;
  }
}

export function serviceOf(act: QuorumAct): QuorumService {
  return act.do === 'destroy' || act.do === 'export' ? 'key' : 'user';
}

/** How the token names objects: a digest over their ids in order. */
function digestOf(objects: readonly string[]): string {
  return toHex(sha256(utf8([...objects].sort().join('\n'))));
}

/** What a token is for, as its signers read it: everything that is decided on, in one line of JSON. */
export function signedForm(act: QuorumAct): string {
  if (act.do !== 'destroy' && act.do !== 'export') return JSON.stringify(act);
  const { do: what, target, objects, labels } = act;
  return JSON.stringify({ do: what, target, count: objects.length, labels, objects: digestOf(objects) });
}

/** Whether an approval of `approved` covers `wanted`: the same, or fewer of the same objects. */
export function covers(approved: QuorumAct, wanted: QuorumAct): boolean {
  if (approved.do === 'destroy' || approved.do === 'export') {
    if (approved.do !== wanted.do) return false;
    const ids = new Set(approved.objects);
    return wanted.objects.length > 0 && wanted.objects.every((id) => ids.has(id));
  }
  return signedForm(approved) === signedForm(wanted);
}
