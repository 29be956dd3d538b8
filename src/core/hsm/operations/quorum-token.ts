import { KeyholdError } from '../../../contract/errors.ts';
import { wipe } from '../../crypto/wipe.ts';
import { askTouchFor, requireTouchFor, type WantedUse } from '../gates/require-touch.ts';
import {
  booleanOf,
  bytesOf,
  type Fields,
  fieldsOf,
  instantOf,
  integerOf,
  invalid,
  oneOf,
  recordIdOf,
  textOf,
} from '../input.ts';
import { openObject } from '../object.ts';
import type { HsmOutput } from '../protocol.ts';
import { openPassword } from '../secret-input.ts';
import { type TokenState, workingKeys } from '../state.ts';
import { ACTS, approvalTouchOf, MOST_LABELS, type QuorumAct } from '../users/acts.ts';
import { touchToApprove, withTouch } from '../users/approval-touch.ts';
import { openHeldKey } from '../users/credential.ts';
import { isGuarded } from '../users/guarded.ts';
import { findUser, signingKeyOf, userNamed } from '../users/new-user.ts';
import { provePassword } from '../users/prove-password.ts';
import {
  fingerprintOf,
  messageOf,
  requiredFor,
  requireReachable,
  signToken,
  validApprovals,
  verifiesToken,
  viewToken,
} from '../users/quorum.ts';
import {
  type HsmUser,
  MOST_TOKENS,
  type QuorumToken,
  ROLES,
  type Roster,
  SERVICES,
  userNameOf,
} from '../users/roster.ts';
import { requireUser } from '../users/sessions.ts';
import { rosterNow, stage } from '../users/state.ts';
import { sealedRecordsOf } from '../vault-input.ts';
import { meanwhile } from './change-users.ts';

/** So that one user cannot take the room of all. */
const MOST_TOKENS_OF_ONE = 16;
const LONGEST_TARGET = 512;
const LONGEST_LIFE_MS = 7 * 86_400_000;
const LONGEST_SIGNATURE = 1024;

/** An act as asked for, its objects opened: which they are is read from themselves. */
function wantedAct(state: TokenState, value: unknown): QuorumAct {
  if (typeof value !== 'object' || value === null || !('do' in value)) throw invalid('act', 'an act');
  const what = oneOf(value.do, 'act.do', ACTS);
  switch (what) {
    case 'destroy':
    case 'export': {
      const fields = fieldsOf(value, 'act', ['do', 'target', 'objects']);
      return {
        do: what,
        target: textOf(fields['target'], 'target', 1, LONGEST_TARGET),
        ...guardedOf(state, fields['objects']),
      };
    }
    case 'add-user': {
      const fields = fieldsOf(value, 'act', ['do', 'name', 'role', 'publicKey']);
      const key = signingKeyOf(fields['publicKey']);
      return {
        do: what,
        name: userNameOf(fields['name']),
        role: oneOf(fields['role'], 'role', ROLES),
        publicKey: key === null ? null : fingerprintOf(key),
      };
    }
    case 'remove-user': {
      const name = userNameOf(fieldsOf(value, 'act', ['do', 'name'])['name']);
      return { do: what, name: userNamed(rosterNow(state), name).name };
    }
    case 'set-quorum': {
      const fields = fieldsOf(value, 'act', ['do', 'service', 'required']);
      const required = integerOf(fields['required'], 'required', 0, 64);
      requireReachable(rosterNow(state), required);
      return { do: what, service: oneOf(fields['service'], 'service', SERVICES), required };
    }
    case 'set-key-use':
      return {
        do: what,
        needsLogin: booleanOf(fieldsOf(value, 'act', ['do', 'needsLogin'])['needsLogin'], 'needsLogin'),
      };
    case 'set-approval-touch': {
      const act = approvalTouchOf(value, 'act');
      withTouch(rosterNow(state), act);
      return act;
    }
    case 'make-recovery-code':
      fieldsOf(value, 'act', ['do']);
      return { do: what };
  }
}

function guardedOf(state: TokenState, value: unknown): { objects: string[]; labels: string[] } {
  const keys = workingKeys(state);
  const now = state.ports.clock.now();
  const objects: string[] = [];
  const labels: string[] = [];
  for (const record of sealedRecordsOf(value, 'objects')) {
    const object = openObject(keys, record.id, record.version, record.sealed);
    if (object === null) throw invalid('act.objects', 'objects of this vault');
    wipe(object.material);
    const { attributes } = object;
    if (!isGuarded(attributes, now)) continue;
    objects.push(record.id);
    if (labels.length < MOST_LABELS) labels.push(`${attributes.spec} ${attributes.label}`);
  }
  if (objects.length > 0) return { objects, labels };
  throw new KeyholdError('NotFound', 'There is no key material in it that a quorum would guard.');
}

export async function createQuorumToken(state: TokenState, input: unknown): Promise<HsmOutput<'createQuorumToken'>> {
  const fields = fieldsOf(input, 'input', ['session', 'id', 'act', 'expiresAt']);
  const id = recordIdOf(fields['id'], 'id');
  const expiresAt = instantOf(fields['expiresAt'], 'expiresAt');
  workingKeys(state);
  const { user, roster } = await requireUser(state, fields['session']);
  const now = state.ports.clock.now();
  if (expiresAt <= now || expiresAt > now + LONGEST_LIFE_MS) throw invalid('expiresAt', 'within the next 7 days');
  const act = wantedAct(state, fields['act']);
  if (requiredFor(roster, act) === 0) {
    throw new KeyholdError(
      'InvalidInput',
      'This needs no approval on this HSM: no quorum is set for it. Do it without a token.',
    );
  }
  const valid = roster.tokens.filter((one) => one.expiresAt > now);
  if (valid.length >= MOST_TOKENS || valid.some((one) => one.id === id)) {
    throw new KeyholdError('InvalidInput', `At most ${MOST_TOKENS} quorum tokens can wait. Cancel one first.`);
  }
  if (valid.filter(({ createdBy }) => createdBy === user.name).length >= MOST_TOKENS_OF_ONE) {
    throw new KeyholdError(
      'InvalidInput',
      `At most ${MOST_TOKENS_OF_ONE} quorum tokens of ${user.name} can wait. Cancel one first.`,
    );
  }
  const token: QuorumToken = { id, act, createdBy: user.name, createdAt: now, expiresAt, approvals: [] };
  const next = { ...roster, tokens: [...valid, token] };
  return { ...stage(state, next), token: viewToken(state, next, token) };
}

function tokenNamed(state: TokenState, roster: Roster, id: string): QuorumToken {
  const token = roster.tokens.find((one) => one.id === id);
  if (token === undefined || token.expiresAt <= state.ports.clock.now()) {
    throw new KeyholdError(
      'NotFound',
      'There is no such quorum token: it has been used, cancelled or has expired. List them with `keyhold hsm quorum status`.',
    );
  }
  return token;
}

/** The officer who approves, after their proof. */
async function approver(state: TokenState, id: string, name: string, proof: unknown): Promise<HsmUser> {
  const fields = fieldsOf(proof, 'proof', ['signature', 'password']);
  if (fields['password'] === undefined) {
    const roster = rosterNow(state);
    const user = officerNamed(roster, name);
    requireSignature(state, tokenNamed(state, roster, id), user, fields['signature']);
    return user;
  }
  const password = await openPassword(state, fields['password'], 'hsm-password');
  return state
    .exclusively(async () => {
      const user = await provePassword(state, name, password);
      officerNamed(rosterNow(state), user.name);
      const { vaultId } = workingKeys(state);
      const held = await openHeldKey(vaultId, user, password);
      if (held === null) {
        throw new KeyholdError(
          'InvalidInput',
          `The key of ${user.name} is not kept here: sign the token's file with \`keyhold hsm quorum sign\`.`,
        );
      }
      try {
        // Approved by the same rule as everybody: a signature that verifies.
        const token = tokenNamed(state, rosterNow(state), id);
        const signature = await signToken(state, token, held);
        const { publicKey } = user;
        const good =
          publicKey !== null && signature !== undefined && verifiesToken({ vaultId }, token, publicKey, signature);
        if (!good) throw wrongSignature(user.name);
        return user;
      } finally {
        wipe(held);
      }
    })
    .finally(() => wipe(password));
}

function officerNamed(roster: Roster, name: string): HsmUser {
  const user = userNamed(roster, name);
  if (user.role === 'crypto-officer') return user;
  throw new KeyholdError('HsmLoginRequired', `${user.name} is a crypto user; crypto officers approve.`);
}

function requireSignature(state: TokenState, token: QuorumToken, user: HsmUser, value: unknown): void {
  const signature = bytesOf(value, 'signature', 0, LONGEST_SIGNATURE);
  if (user.publicKey !== null && verifiesToken(workingKeys(state), token, user.publicKey, signature)) return;
  throw wrongSignature(user.name);
}

function wrongSignature(name: string): KeyholdError {
  return new KeyholdError(
    'WrongSecret',
    `This is no signature of ${name} over this token. Sign the token's file with the key that ${name} registered.`,
  );
}

interface Approving {
  token: QuorumToken;
  /** What the touch for it is asked with; null where the rule wants none. */
  touch: { wanted: WantedUse; input: unknown } | null;
}

/** What is refused before anybody is asked for a touch, and that touch. A password is for one call and proves itself in it. */
function approving(state: TokenState, input: unknown, fields: Fields): Approving {
  const id = recordIdOf(fields['id'], 'id');
  const roster = rosterNow(state);
  const token = tokenNamed(state, roster, id);
  const user = findUser(roster, userNameOf(fields['user']));
  const proof = fieldsOf(fields['proof'], 'proof', ['signature', 'password']);
  if (user?.role !== 'crypto-officer') return { token, touch: null };
  if (proof['password'] === undefined) requireSignature(state, token, user, proof['signature']);
  const wanted = touchToApprove(roster, token, user);
  if (wanted === null) return { token, touch: null };
  requireFirst(roster, token, user);
  // Of the text that the officer approves, whatever has its id by then.
  const message = messageOf(workingKeys(state).vaultId, token);
  return { token, touch: { wanted, input: { input, message } } };
}

function requireFirst(roster: Roster, token: QuorumToken, user: HsmUser): void {
  if (!validApprovals(roster, token).some((one) => one.user === user.name)) return;
  throw new KeyholdError('AlreadyExists', `${user.name} has approved this token already. Another officer has to.`);
}

const APPROVAL = ['id', 'user', 'proof'];

/** For `touchForUsers`: throws `TouchRequired` as long as the approval itself would. */
export function askToApprove(state: TokenState, input: unknown): void {
  const { touch } = approving(state, input, fieldsOf(input, 'input', APPROVAL));
  if (touch !== null) askTouchFor(state, touch.wanted, touch.input);
}

export async function approveQuorumToken(state: TokenState, input: unknown): Promise<HsmOutput<'approveQuorumToken'>> {
  const fields = fieldsOf(input, 'input', APPROVAL);
  workingKeys(state);
  const { token: asked, touch } = approving(state, input, fields);
  // Before the password, which is sealed for one call: this one is repeated after the touch.
  const touched = touch === null ? null : requireTouchFor(state, touch.wanted, touch.input).key;
  const user = await approver(state, asked.id, userNameOf(fields['user']), fields['proof']);
  const roster = rosterNow(state);
  const token = tokenNamed(state, roster, asked.id);
  // The touch was for what it said then.
  if (token.act !== asked.act) throw meanwhile();
  requireFirst(roster, token, user);
  const approvals = [
    ...token.approvals.filter((one) => one.user !== user.name),
    { user: user.name, at: state.ports.clock.now(), ...(touched === null ? {} : { touch: touched }) },
  ];
  const approved = { ...token, approvals };
  const next = { ...roster, tokens: roster.tokens.map((one) => (one.id === token.id ? approved : one)) };
  return { ...stage(state, next), token: viewToken(state, next, approved), touch: touched };
}

export async function cancelQuorumToken(state: TokenState, input: unknown): Promise<HsmOutput<'cancelQuorumToken'>> {
  const fields = fieldsOf(input, 'input', ['session', 'id']);
  const id = recordIdOf(fields['id'], 'id');
  workingKeys(state);
  const { user, roster } = await requireUser(state, fields['session']);
  const token = tokenNamed(state, roster, id);
  if (user.role !== 'crypto-officer' && token.createdBy !== user.name) {
    throw new KeyholdError('HsmLoginRequired', 'A token is cancelled by a crypto officer or by who asked for it.');
  }
  return { ...stage(state, { ...roster, tokens: roster.tokens.filter((one) => one.id !== id) }), by: user.name };
}
